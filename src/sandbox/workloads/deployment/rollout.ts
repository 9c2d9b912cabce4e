/** One sync's view of a Deployment, and the writes that every strategy shares. Source: pkg/controller/deployment/sync.go. */
import type { Condition } from '../../../api/kube.ts';
import type { Workload } from '../../../api/workloads.ts';
import { ApiStatusError, type ClusterApi } from '../../cluster.ts';
import { sameData } from '../canonical.ts';
import type { ControllerContext } from '../controller.ts';
import { CONTROLLER_MANAGER, REPLICA_SET, replicasOf } from '../kinds.ts';
import { controllerRef } from '../ownership.ts';
import type { EventRecorder } from '../recorder.ts';
import { writeStatus } from '../status-writer.ts';
import { templateHash } from '../template-hash.ts';
import { hasProgressDeadline, setCondition } from './conditions.ts';
import { isRollingUpdate, maxSurge } from './fenceposts.ts';
import { byCreation, findNew, HASH_LABEL, newSetAnnotations, REVISION, revisionOf, sizeAnnotations, specReplicas } from './replica-sets.ts';

export interface Rollout {
  context: ControllerContext;
  recorder: EventRecorder;
  /** As last read or written in this sync. */
  deployment: Workload;
  /** Every ReplicaSet of the Deployment, as last read or written in this sync. */
  sets: Workload[];
}

export function newSet(rollout: Rollout): Workload | undefined {
  return findNew(rollout.deployment, rollout.sets);
}

/** Oldest first. */
export function oldSets(rollout: Rollout): Workload[] {
  const current = newSet(rollout);
  return rollout.sets.filter((set) => set !== current).sort(byCreation);
}

/** Takes a written ReplicaSet into the view. */
function keep(rollout: Rollout, set: Workload): Workload {
  rollout.sets = [...rollout.sets.filter((other) => other.metadata.uid !== set.metadata.uid), set];
  return set;
}

/**
 * Brings revision numbers up to date: the new set gets the highest, the Deployment carries the same.
 * @returns the new set, or undefined where there is none yet
 */
export function syncRevision(rollout: Rollout): Workload | undefined {
  const existing = newSet(rollout);
  if (!existing) return undefined;
  const { deployment, context } = rollout;
  const annotations = newSetAnnotations(deployment, existing.metadata.annotations, nextRevision(rollout));
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const outdated = !sameData(annotations, existing.metadata.annotations ?? {}) || (existing.spec.minReadySeconds ?? 0) !== minReadySeconds;
  const spec = { minReadySeconds: minReadySeconds || undefined };
  const set = outdated ? keep(rollout, updateSet(context.api, existing, { annotations, spec })) : existing;

  const unknown = hasProgressDeadline(deployment) && !deployment.status?.conditions?.some(({ type }) => type === 'Progressing');
  const found = {
    type: 'Progressing',
    status: 'True',
    reason: 'FoundNewReplicaSet',
    message: `Found new replica set "${set.metadata.name}"`,
  };
  publish(rollout, String(revisionOf(set)), unknown ? (found as Condition) : undefined);
  return set;
}

function nextRevision(rollout: Rollout): number {
  return Math.max(0, ...oldSets(rollout).map(revisionOf)) + 1;
}

/** @returns the new set, created where there is none. */
export function ensureNewSet(rollout: Rollout): Workload {
  const existing = syncRevision(rollout);
  if (existing) return existing;
  const { deployment, recorder } = rollout;
  const revision = nextRevision(rollout);
  const wanted = describeNewSet(rollout, revision);
  const set = keep(rollout, createSet(rollout, wanted));
  if (replicasOf(wanted) > 0) {
    const message = `Scaled up replica set ${set.metadata.name} from 0 to ${replicasOf(wanted)}`;
    recorder.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
  }
  const created: Condition = {
    type: 'Progressing',
    status: 'True',
    reason: 'NewReplicaSetCreated',
    message: `Created new replica set "${set.metadata.name}"`,
  };
  publish(rollout, String(revision), hasProgressDeadline(deployment) ? created : undefined);
  return set;
}

function describeNewSet(rollout: Rollout, revision: number): Workload {
  const { deployment } = rollout;
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount as number | undefined);
  const template = structuredClone(deployment.spec.template);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const selector = { ...deployment.spec.selector, matchLabels: { ...deployment.spec.selector.matchLabels, [HASH_LABEL]: hash } };
  const set: Workload = {
    ...REPLICA_SET,
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...newSetAnnotations(deployment, undefined, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: 0,
      ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
      selector,
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  set.spec.replicas = newSetSize(deployment, rollout.sets, set);
  return set;
}

function createSet(rollout: Rollout, wanted: Workload): Workload {
  const { context, deployment, recorder } = rollout;
  try {
    return context.api.create(wanted, { manager: CONTROLLER_MANAGER });
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
    if (error.reason === 'AlreadyExists') {
      // Another template hashed to the same name: count it, so that the next attempt gets another one.
      const collisionCount = Number(deployment.status?.collisionCount ?? 0) + 1;
      rollout.deployment = writeStatus(context.api, deployment, { ...deployment.status, collisionCount });
      throw error;
    }
    const message = `Failed to create new replica set "${wanted.metadata.name}": ${error.message}`;
    if (hasProgressDeadline(deployment)) progressing(rollout, 'False', 'ReplicaSetCreateError', message);
    recorder.record(deployment, { type: 'Warning', reason: 'ReplicaSetCreateError', message });
    throw error;
  }
}

/** How large the new set may be now. Source: NewRSNewReplicas. */
export function newSetSize(deployment: Workload, sets: Workload[], set: Workload): number {
  const replicas = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return replicas;
  const current = replicasOf(set);
  const room = replicas + maxSurge(deployment) - specReplicas(sets);
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}

/** Sets the size of a ReplicaSet and says so in an Event. @returns whether the size changed */
export function scaleSet(rollout: Rollout, set: Workload, size: number): boolean {
  const { context, deployment, recorder } = rollout;
  const before = replicasOf(set);
  const sizes = sizeAnnotations(deployment);
  const annotated = Object.entries(sizes).every(([key, value]) => set.metadata.annotations?.[key] === value);
  if (before === size && annotated) return false;
  const annotations = { ...set.metadata.annotations, ...sizes };
  keep(rollout, updateSet(context.api, set, { annotations, spec: { replicas: size } }));
  if (before === size) return false;
  const message = `Scaled ${before < size ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${size}`;
  recorder.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
  return true;
}

interface SetChange {
  annotations: Record<string, string>;
  spec: Partial<Workload['spec']>;
}

function updateSet(api: ClusterApi, set: Workload, { annotations, spec }: SetChange): Workload {
  const clone = structuredClone(set);
  const merged = Object.fromEntries(Object.entries({ ...clone.spec, ...spec }).filter(([, value]) => value !== undefined));
  return api.update<Workload>(
    { ...clone, metadata: { ...clone.metadata, annotations }, spec: merged as Workload['spec'] },
    { manager: CONTROLLER_MANAGER },
  );
}

/** Writes the Deployment's revision and condition in one go, both by its status as the real controller does. */
function publish(rollout: Rollout, revision: string, condition: Condition | undefined): void {
  const { context, deployment } = rollout;
  const conditions = condition
    ? setCondition(deployment.status?.conditions, condition, context.clock)
    : (deployment.status?.conditions ?? []);
  const known = deployment.metadata.annotations?.[REVISION] === revision;
  if (known && sameData(conditions, deployment.status?.conditions ?? [])) return;
  const { metadata, ...rest } = structuredClone(deployment);
  rollout.deployment = context.api.update<Workload>(
    {
      ...rest,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: revision } },
      status: { ...rest.status, ...(conditions.length > 0 ? { conditions } : {}) },
    },
    { manager: CONTROLLER_MANAGER, subresource: 'status' },
  );
}

/** Writes the Progressing condition at once. */
export function progressing(rollout: Rollout, status: 'True' | 'False' | 'Unknown', reason: string, message: string): void {
  const { context, deployment } = rollout;
  const conditions = setCondition(deployment.status?.conditions, { type: 'Progressing', status, reason, message }, context.clock);
  rollout.deployment = writeStatus(context.api, deployment, { ...deployment.status, conditions });
}
