/**
 * The part of the kubelet that kwok cannot play: a pod starts only once the Secrets and ConfigMaps are there that it refers to.
 * It says what a kubelet says, in its words: pkg/kubelet/kubelet_pods.go, pkg/volume/secret, pkg/volume/configmap; containerd's
 * for an image of which the registry lets nobody have anything.
 */
import type { KubeObject } from '../../../src/api/kube.ts';
import type { Container, Pod } from '../../../src/api/workloads.ts';
import type { Cluster } from '../../../src/ports.ts';
import { FOUND, LOOKS_UP } from './behaviour.ts';

const LOOK_EVERY_MS = 300;

interface Reference {
  kind: 'Secret' | 'ConfigMap';
  name: string;
  /** Where it is mounted; else a container reads it, or the image needs it. */
  volume?: string;
  pull?: true;
}

/** What a pod is told when one of its references leads nowhere. */
interface Complaint {
  /** Of the container: its `waiting`. */
  waiting: { reason: string; message?: string };
  event: { reason: string; message: string };
}

/** Looks for what the pods labelled `LOOKS_UP` refer to, until it is stopped. */
export function playLookups(cluster: Cluster): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const told = new Map<string, number>();
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      // A pod may vanish between two requests: the next look finds it gone.
      await look(cluster, told).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await looking;
    },
  };
}

async function look(cluster: Cluster, told: Map<string, number>): Promise<void> {
  const pods = await cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { labelSelector: LOOKS_UP });
  for (const pod of pods) if (isWaiting(pod)) await lookFor(cluster, pod, told);
}

function isWaiting({ metadata, spec }: Pod): boolean {
  return spec.nodeName !== undefined && metadata.deletionTimestamp === undefined && metadata.annotations?.[FOUND] === undefined;
}

async function lookFor(cluster: Cluster, pod: Pod, told: Map<string, number>): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name };
  for (const reference of referencesOf(pod)) {
    const { kind, name } = reference;
    if (await cluster.get({ apiVersion: 'v1', kind, namespace: ref.namespace, name })) continue;
    const complaint = complaintOf(reference, pod);
    const containerStatuses = pod.spec.containers.map((container) => statusOf(container, complaint));
    await cluster.patch(ref, { status: { containerStatuses } }, { type: 'merge', subresource: 'status' });
    await tell(cluster, pod, complaint.event, told);
    return;
  }
  await cluster.patch(ref, { status: { containerStatuses: null } }, { type: 'merge', subresource: 'status' });
  await cluster.patch(ref, { metadata: { annotations: { [FOUND]: 'all' } } }, { type: 'merge' });
}

function referencesOf({ spec }: Pod): Reference[] {
  const pulls = ((spec.imagePullSecrets as { name: string }[] | undefined) ?? []).map(
    ({ name }): Reference => ({ kind: 'Secret', name, pull: true }),
  );
  const volumes = (spec.volumes ?? []).flatMap(({ name: volume, secret, configMap }): Reference[] => [
    ...(secret ? [{ kind: 'Secret', name: secret.secretName, volume } as const] : []),
    ...(configMap ? [{ kind: 'ConfigMap', name: configMap.name, volume } as const] : []),
  ]);
  const read = spec.containers.flatMap(({ envFrom = [] }) =>
    envFrom.flatMap(({ secretRef, configMapRef }): Reference[] => [
      ...(secretRef ? [{ kind: 'Secret', name: secretRef.name } as const] : []),
      ...(configMapRef ? [{ kind: 'ConfigMap', name: configMapRef.name } as const] : []),
    ]),
  );
  return [...volumes, ...pulls, ...read];
}

function complaintOf({ kind, name, volume, pull }: Reference, pod: Pod): Complaint {
  const missing = `${kind.toLowerCase()} "${name}" not found`;
  if (volume !== undefined)
    return {
      waiting: { reason: 'ContainerCreating' },
      event: { reason: 'FailedMount', message: `MountVolume.SetUp failed for volume "${volume}" : ${missing}` },
    };
  if (pull) {
    const image = pod.spec.containers[0]?.image ?? '';
    const message = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 401 Unauthorized`;
    return {
      waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${message}` },
      event: {
        reason: 'FailedToRetrieveImagePullSecret',
        message: `Unable to retrieve some image pull secrets (${name}); attempting to pull the image may not succeed.`,
      },
    };
  }
  return { waiting: { reason: 'CreateContainerConfigError', message: missing }, event: { reason: 'Failed', message: `Error: ${missing}` } };
}

function statusOf({ name, image }: Container, { waiting }: Complaint): object {
  return { name, image, imageID: '', ready: false, started: false, restartCount: 0, state: { waiting } };
}

async function tell(cluster: Cluster, pod: Pod, { reason, message }: Complaint['event'], told: Map<string, number>): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  const event = `${name}.${reason.toLowerCase()}`;
  const count = (told.get(`${uid}|${reason}`) ?? 0) + 1;
  told.set(`${uid}|${reason}`, count);
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const object = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: event, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
    type: 'Warning',
    reason,
    message,
    count,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: 'kubelet' },
  } satisfies KubeObject;
  await cluster.patch({ apiVersion: 'v1', kind: 'Event', namespace, name: event }, object, { type: 'apply', force: true });
}
