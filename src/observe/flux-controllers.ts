/** How this cluster's Flux is set up, from the Deployments of its controllers. */
import type { KubeObject } from '../api/kube.ts';
import type { Workload } from '../api/workloads.ts';
import type { Cluster } from '../ports.ts';
import type { Lacks } from './lacks.ts';

/** Labels of every controller's Deployment in Flux's own manifests (fluxcd/flux2 manifests/install and flux-operator). */
const PART_OF_FLUX = 'app.kubernetes.io/part-of=flux';

/**
 * Does kustomize-controller drop a failing health check when a new revision arrives?
 * - `on`: it does, and reliably.
 * - `off`: it waits until the timeout.
 * - `unreliable`: the gate is on in a version in which objects hang with it (kustomize-controller#1624: 1.7.0 to 1.8.1).
 * - `unknown`: its Deployment was not found, or may not be read.
 */
export type CancelGate = 'on' | 'off' | 'unreliable' | 'unknown';

/** @throws Failure of the cluster, but for Forbidden: `lacks` has the note. */
export async function observeCancelGate(cluster: Cluster, lacks: Lacks): Promise<CancelGate> {
  const reading = cluster.list<KubeObject>({ apiVersion: 'apps/v1', kind: 'Deployment' }, { labelSelector: PART_OF_FLUX });
  const controllers = await lacks.or(reading, [], 'whether Flux drops a failing health check by itself is not known');
  const controller = controllers.find(({ metadata }) => metadata.name === 'kustomize-controller') as Workload | undefined;
  return controller ? cancelGateOf(controller) : 'unknown';
}

/** @param deployment of kustomize-controller */
export function cancelGateOf(deployment: Workload): CancelGate {
  const container = deployment.spec.template.spec.containers.find(({ image }) => image.includes('kustomize-controller'));
  if (!container) return 'unknown';
  const gates = (container.args ?? []).flatMap((arg) => /^--feature-gates=(.*)$/.exec(arg)?.[1]?.split(',') ?? []);
  // The last one wins, as the flag is read.
  const setting = gates.map((gate) => gate.split('=')).findLast(([name]) => name?.trim() === 'CancelHealthCheckOnNewRevision')?.[1];
  if (setting?.trim().toLowerCase() !== 'true') return 'off';
  return hangs(container.image) ? 'unreliable' : 'on';
}

/** Versions whose gate leaves objects hanging: kustomize-controller#1624, mended in Flux 2.8.2. */
function hangs(image: string): boolean {
  const [, major, minor, patch] = /:v(\d+)\.(\d+)\.(\d+)/.exec(image) ?? [];
  if (major !== '1') return false;
  return minor === '7' || (minor === '8' && Number(patch) < 2);
}
