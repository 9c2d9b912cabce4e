/** Flux's events about an object, newest first. */
import type { KubeEvent } from '../api/workloads.ts';
import type { FluxEvent } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import type { Lacks } from './lacks.ts';

const REVISION_KEYS = ['kustomize.toolkit.fluxcd.io/revision', 'source.toolkit.fluxcd.io/revision', 'helm.toolkit.fluxcd.io/revision'];

/** None where they may not be read: `lacks` has the note. */
export async function observeFluxEvents(
  cluster: Cluster,
  object: { kind: string; namespace: string; name: string },
  lacks: Lacks,
): Promise<FluxEvent[]> {
  const fieldSelector = `involvedObject.kind=${object.kind},involvedObject.name=${object.name}`;
  const reading = cluster.list<KubeEvent>({ apiVersion: 'v1', kind: 'Event' }, { namespace: object.namespace, fieldSelector });
  const events = await lacks.or(reading, [], 'what Flux said about its runs is not known, so some deployments may show no outcome');
  return events.map(fluxEvent).sort((a, b) => b.last.localeCompare(a.last));
}

function fluxEvent(event: KubeEvent): FluxEvent {
  const key = REVISION_KEYS.find((candidate) => event.metadata.annotations?.[candidate] !== undefined);
  return {
    type: event.type,
    reason: event.reason,
    message: event.message,
    count: event.count ?? 1,
    last: event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '',
    ...(key ? { revision: event.metadata.annotations?.[key] as string } : {}),
  };
}
