/** A HorizontalPodAutoscaler beside Git: who says how many pods there are. */
import { formatRef, type ManagedFieldsEntry } from '../../api/kube.ts';
import type { WorkloadState } from '../world.ts';

/**
 * Who last set `spec.replicas` by the subresource `scale`, where nobody set it otherwise since: an autoscaler takes the field
 * from whoever applied it, and a run of Flux that declares it takes it back (field ownership of server-side apply).
 */
export function autoscaledBy(entries: readonly ManagedFieldsEntry[] = []): WorkloadState['autoscaled'] {
  const entry = entries.find(
    ({ subresource, manager, fieldsV1 }) => subresource === 'scale' && !isPerson(manager) && ownsReplicas(fieldsV1),
  );
  return entry && { by: entry.manager, ...(entry.time === undefined ? {} : { at: entry.time }) };
}

/** `kubectl scale` is said once, and undone by the next run of Flux that declares the field. */
function isPerson(manager: string): boolean {
  return manager.startsWith('kubectl');
}

function ownsReplicas(fields: Record<string, unknown>): boolean {
  return (fields['f:spec'] as Record<string, unknown> | undefined)?.['f:replicas'] !== undefined;
}

/** For a verdict that is no worse for it. Field manager of the controller: pkg/controller/podautoscaler runs in kube-controller-manager. */
export function autoscalerNote({ ref, desired, autoscaled }: WorkloadState): string[] {
  if (!autoscaled) return [];
  const who = autoscaled.by === 'kube-controller-manager' ? 'a HorizontalPodAutoscaler' : autoscaled.by;
  return [
    `${who} holds ${formatRef(ref)} at ${desired} replicas. Where Git says spec.replicas too, every run of Flux sets it back for up to 15 s: ` +
      `leave it out of Git (kubectl get hpa -n ${ref.namespace})`,
  ];
}
