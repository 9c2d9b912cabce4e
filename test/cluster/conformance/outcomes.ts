/** What steps wait for, read from what the recorder saw. */
import { GIT_REPOSITORY, KUSTOMIZATION } from '../../../src/api/flux.ts';
import type { Condition, KubeObject, ObjectRef } from '../../../src/api/kube.ts';
import type { Scene } from './scene.ts';

const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';

interface Reconciled extends KubeObject {
  status?: { conditions?: Condition[]; observedGeneration?: number; lastHandledReconcileAt?: string; lastAttemptedRevision?: string };
}

/** Flux has answered for the newest generation and the newest request: well, or failing for this reason. */
export function answered(scene: Scene, kind: 'Kustomization' | 'GitRepository', name: string, reason?: string): boolean {
  const object = scene.present(kind, name) as Reconciled | undefined;
  if (!object) return false;
  const ready = conditionOf(object, 'Ready');
  const requested = object.metadata.annotations?.[REQUESTED_AT];
  const handled = requested === undefined || object.status?.lastHandledReconcileAt === requested;
  if (!handled || ready === undefined || ready.observedGeneration !== object.metadata.generation) return false;
  return reason === undefined ? ready.status === 'True' : ready.status === 'False' && ready.reason === reason;
}

/** A Kustomization has attempted this commit and answered. */
export function attempted(scene: Scene, name: string, commit: string, reason?: string): boolean {
  const object = scene.present('Kustomization', name) as Reconciled | undefined;
  return object?.status?.lastAttemptedRevision?.endsWith(commit) === true && answered(scene, 'Kustomization', name, reason);
}

/** A workload runs what its spec says, and nothing else is left. */
export function rolledOut(scene: Scene, kind: 'Deployment' | 'StatefulSet' | 'DaemonSet', name: string, app = name): boolean {
  const object = scene.present(kind, name) as (KubeObject & { spec: Record<string, number>; status?: Record<string, number> }) | undefined;
  const status = object?.status;
  if (!object || !status || status.observedGeneration !== object.metadata.generation) return false;
  if (kind === 'DaemonSet') return status.updatedNumberScheduled === 1 && status.numberReady === 1;
  const wanted = object.spec.replicas ?? 1;
  const ready = status.readyReplicas ?? 0;
  const updated = status.updatedReplicas ?? 0;
  return (status.replicas ?? 0) === wanted && ready === wanted && updated === wanted && podsOf(scene, app).length === wanted;
}

export function podsOf(scene: Scene, app: string): KubeObject[] {
  return scene.all('Pod').filter(({ metadata: { labels = {} } }) => (labels.app ?? labels['app.kubernetes.io/name']) === app);
}

export function gone(scene: Scene, kind: string, name: string): boolean {
  return scene.present(kind, name) === undefined;
}

export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  return (object as Reconciled | undefined)?.status?.conditions?.find((condition) => condition.type === type);
}

/** Asks Flux to reconcile, as `flux reconcile` does. */
export function request(scene: Scene, kind: 'Kustomization' | 'GitRepository', name: string, token: string): Promise<void> {
  return scene.patch(refTo(scene, kind, name), { metadata: { annotations: { [REQUESTED_AT]: token } } });
}

export function refTo(scene: Scene, kind: 'Kustomization' | 'GitRepository', name: string): ObjectRef {
  return { ...(kind === 'Kustomization' ? KUSTOMIZATION : GIT_REPOSITORY), namespace: scene.namespace, name };
}
