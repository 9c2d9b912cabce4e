/** What a client waits for on an object, one short text an aspect: conditions, revisions, finalizers, whether it is going. */
import type { Condition, KubeObject } from '../../../src/api/kube.ts';
import type { Rename } from './names.ts';

interface FluxStatus {
  conditions?: Condition[];
  observedGeneration?: number;
  lastHandledReconcileAt?: string;
  lastAppliedRevision?: string;
  lastAttemptedRevision?: string;
  artifact?: { revision?: string };
  inventory?: { entries: { id: string; v: string }[] };
  history?: { lastReconciledStatus: string; totalReconciliations: number; metadata?: Record<string, string> }[];
  phase?: string;
}

/** The aspects of one state of an object. */
export function aspectsOf(object: KubeObject, gone: boolean, rename: Rename): Record<string, string> {
  const { metadata } = object;
  const life = gone ? 'gone' : metadata.deletionTimestamp ? 'going' : 'there';
  if (gone) return { life };
  const aspects: Record<string, string> = { life, finalizers: (metadata.finalizers ?? []).join(' ') || 'none' };
  const status = (object.status ?? {}) as FluxStatus;
  // How a pod ends is the business of who runs it.
  if (status.phase !== undefined && !(object.kind === 'Pod' && metadata.deletionTimestamp)) aspects.phase = status.phase;
  if (object.kind === 'Pod' || object.kind === 'EndpointSlice' || object.kind === 'Endpoints') return aspects;
  for (const condition of status.conditions ?? []) aspects[`condition ${condition.type}`] = conditionText(condition, object, rename);
  if (isFlux(object)) Object.assign(aspects, fluxAspects(object, status, rename));
  return aspects;
}

function isFlux({ apiVersion }: KubeObject): boolean {
  return apiVersion.includes('.toolkit.fluxcd.io/');
}

/**
 * A rollout that began or went on. Which of the two a Deployment says last depends on whether its controller or the pods are
 * faster: it tells progress from its last status, and that may skip states.
 */
export function isUnderWay({ status, reason = '' }: Condition): boolean {
  return status === 'True' && (reason === 'NewReplicaSetCreated' || reason === 'ReplicaSetUpdated' || reason === 'FoundNewReplicaSet');
}

/** A source that fails is tried again after 0.75, 1.5, 3 … seconds: whether a look falls between two attempts is chance. */
export function retryless({ kind }: KubeObject, { type, reason = '' }: Condition): string {
  return kind === 'GitRepository' && type === 'Reconciling' && reason === 'ProgressingWithRetry' ? 'Progressing' : reason;
}

function conditionText(condition: Condition, object: KubeObject, rename: Rename): string {
  if (object.kind === 'Deployment' && isUnderWay(condition)) {
    const set = /"([^"]+)"/.exec(condition.message ?? '')?.[1] ?? '';
    return rename(`True, a rollout to ${set} is under way`);
  }
  const { status, message = '', observedGeneration } = condition;
  const reason = retryless(object, condition);
  const behind = observedGeneration !== undefined && observedGeneration !== object.metadata.generation ? ' [of an older generation]' : '';
  return rename(`${status} ${reason}: ${message}${behind}`).replaceAll('\n', ' ⏎ ');
}

function fluxAspects({ metadata }: KubeObject, status: FluxStatus, rename: Rename): Record<string, string> {
  const requested = metadata.annotations?.['reconcile.fluxcd.io/requestedAt'];
  const handled = requested === undefined || status.lastHandledReconcileAt === requested;
  const texts: Record<string, string | undefined> = {
    generation: status.observedGeneration === metadata.generation ? 'observed' : 'not observed',
    request: requested === undefined ? 'none' : handled ? 'handled' : 'open',
    lastAppliedRevision: status.lastAppliedRevision,
    lastAttemptedRevision: status.lastAttemptedRevision,
    'artifact revision': status.artifact?.revision,
    inventory: status.inventory?.entries.map(({ id, v }) => `${id} ${v}`).join(', '),
    history: status.history?.map(historyText).join(', '),
  };
  return Object.fromEntries(
    Object.entries(texts)
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .map(([aspect, text]) => [aspect, rename(text)]),
  );
}

function historyText(entry: NonNullable<FluxStatus['history']>[number]): string {
  const revision = Object.entries(entry.metadata ?? {}).map(([key, value]) => `${key}=${value}`);
  return `${entry.lastReconciledStatus} ×${entry.totalReconciliations} ${revision.join(' ')}`;
}
