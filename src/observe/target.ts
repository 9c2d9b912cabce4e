/** Reads a target, its source and who else reads that source. */
import { HTTP_CHECK } from '../api/annotations.ts';
import { parseDuration } from '../api/duration.ts';
import {
  GIT_REPOSITORY,
  type GitRepository,
  HELM_RELEASE,
  type HelmRelease,
  KUSTOMIZATION,
  type Kustomization,
  OWNER_NAME_LABEL,
  OWNER_NAMESPACE_LABEL,
  timeoutOf,
} from '../api/flux.ts';
import { inventoryOf } from '../api/inventory.ts';
import type { KubeObject } from '../api/kube.ts';
import { formatTarget, type Target, targetRef } from '../api/target.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { Failure } from '../core/failure.ts';
import { type Appliers, appliersOf } from '../core/holds/field-owners.ts';
import { type Hold, holdOf } from '../core/holds/hold.ts';
import { pinRestoresOf, type UndoneHold, undoneHoldOf } from '../core/holds/undone.ts';
import type { Consumer, SourceState, TargetState } from '../core/world.ts';
import type { Cluster } from '../ports.ts';
import { Lacks } from './lacks.ts';

/** @throws Failure TargetNotFound with the nearest names, KindNotServed, Forbidden … */
export async function observeTarget(cluster: Cluster, target: Target): Promise<TargetState> {
  const object = await cluster.get<KubeObject>(targetRef(target));
  if (!object) throw await notFound(cluster, target);
  return target.kind === 'Kustomization' ? kustomizationState(object as Kustomization) : helmReleaseState(object as HelmRelease);
}

async function notFound(cluster: Cluster, target: Target): Promise<Failure> {
  const kind = target.kind === 'Kustomization' ? KUSTOMIZATION : HELM_RELEASE;
  const lacks = new Lacks();
  const all = await lacks.or(cluster.list<KubeObject>(kind), [], 'what there is instead is not known').catch(() => []);
  const names = all.map((object) => ({
    text: object.metadata.name,
    target: { ...target, namespace: object.metadata.namespace ?? '', name: object.metadata.name },
  }));
  const elsewhere = names.find((name) => name.text === target.name);
  const near = elsewhere
    ? [elsewhere.target]
    : didYouMean(
        target.name,
        names.map((name) => name.text),
      ).map((text) => names.find((name) => name.text === text)?.target as Target);
  const causes = elsewhere
    ? [`it is in namespace ${elsewhere.target.namespace}, not in ${target.namespace}`]
    : ['the name is misspelt', 'it is in another namespace or cluster'];
  return new Failure('TargetNotFound', `${formatTarget(target)} not found in ${cluster.name}`, {
    seen: all.length
      ? `${all.length} ${target.kind}s are there: ${names
          .slice(0, 10)
          .map((name) => `${name.target.namespace}/${name.text}`)
          .join(', ')}`
      : (lacks.notes[0] ?? `no ${target.kind} at all`),
    causes,
    next: near.length
      ? near.map((candidate) => `did you mean ${formatTarget(candidate)}?`)
      : [`flux get ${target.kind.toLowerCase()}s --all-namespaces`],
  });
}

function kustomizationState(object: Kustomization): TargetState {
  const { spec, status = {}, metadata } = object;
  const intervalMs = parseDuration(spec.interval) ?? 300_000;
  const state: TargetState = {
    target: { kind: 'Kustomization', namespace: metadata.namespace, name: metadata.name },
    suspended: spec.suspend === true,
    ...(metadata.generation === undefined ? {} : { generation: metadata.generation }),
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    conditions: status.conditions ?? [],
    snapshots: status.history ?? [],
    inventory: inventoryOf(object),
    ...(spec.kubeConfig === undefined ? {} : { elsewhere: true }),
    build: spec,
    intervalMs,
    retryIntervalMs: parseDuration(spec.retryInterval ?? '') ?? intervalMs,
    timeoutMs: timeoutOf(spec),
    prune: spec.prune,
    waits: spec.wait === true || (spec.healthChecks?.length ?? 0) > 0,
    dependsOn: (spec.dependsOn ?? []).map((on) => ({
      kind: 'Kustomization',
      namespace: on.namespace ?? metadata.namespace,
      name: on.name,
    })),
    httpChecks: httpChecksOf(object),
  };
  if (status.lastAppliedRevision !== undefined) state.lastAppliedRevision = status.lastAppliedRevision;
  if (status.lastAttemptedRevision !== undefined) state.lastAttemptedRevision = status.lastAttemptedRevision;
  if (status.lastHandledReconcileAt !== undefined) state.lastHandledReconcileAt = status.lastHandledReconcileAt;
  const parent = parentOf(object);
  if (parent) state.parent = parent;
  return { ...state, ...holdsOf(object) };
}

/** What holds an object, what no longer does, and who else writes what a hold would. */
function holdsOf(object: KubeObject): { hold?: Hold; undone?: UndoneHold; appliers: Appliers } {
  const hold = holdOf(object);
  const undone = undoneHoldOf(object);
  return { ...(hold ? { hold } : {}), ...(undone ? { undone } : {}), appliers: appliersOf(object) };
}

function helmReleaseState(object: HelmRelease): TargetState {
  const { spec, status = {}, metadata } = object;
  const parent = parentOf(object);
  return {
    target: { kind: 'HelmRelease', namespace: metadata.namespace, name: metadata.name },
    suspended: spec.suspend === true,
    ...(metadata.generation === undefined ? {} : { generation: metadata.generation }),
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    conditions: status.conditions ?? [],
    ...(status.lastAttemptedRevision === undefined ? {} : { lastAttemptedRevision: status.lastAttemptedRevision }),
    snapshots: [],
    inventory: [],
    ...(spec.kubeConfig === undefined ? {} : { elsewhere: true }),
    waits: true,
    dependsOn: [],
    httpChecks: httpChecksOf(object),
    ...holdsOf(object),
    ...(parent ? { parent } : {}),
  };
}

function httpChecksOf(object: KubeObject): string[] {
  return (object.metadata.annotations?.[HTTP_CHECK] ?? '')
    .split(',')
    .map((check) => check.trim())
    .filter((check) => check !== '');
}

/** The Kustomization whose owner labels an object carries. */
export function parentOf(object: KubeObject): Target | undefined {
  const name = object.metadata.labels?.[OWNER_NAME_LABEL];
  const namespace = object.metadata.labels?.[OWNER_NAMESPACE_LABEL];
  return name && namespace ? { kind: 'Kustomization', namespace, name } : undefined;
}

export interface ObservedSource {
  source: SourceState;
  object: GitRepository;
}

/**
 * The GitRepository that a Kustomization follows: for a pinned one that from which it was moved away.
 * @throws Failure SourceNotFound, SourceUnsupported (OCIRepository, Bucket …)
 */
export async function observeSource(cluster: Cluster, target: Target): Promise<ObservedSource> {
  const kustomization = await cluster.get<Kustomization>(targetRef(target));
  if (!kustomization) throw await notFound(cluster, target);
  const reference = pinRestoresOf(kustomization)?.sourceRef ?? kustomization.spec.sourceRef;
  if (reference.kind !== 'GitRepository') {
    throw new Failure(
      'SourceUnsupported',
      `${formatTarget(target)} reads from ${reference.kind}/${reference.name}, which is not a GitRepository`,
      {
        causes: [`artifacts of a ${reference.kind} are made outside of this repository`],
        next: ['roll back where the artifact is made, or pin its tag or digest'],
      },
    );
  }
  const namespace = reference.namespace ?? target.namespace;
  const object = await cluster.get<GitRepository>({ ...GIT_REPOSITORY, namespace, name: reference.name });
  if (!object) {
    throw new Failure(
      'SourceNotFound',
      `GitRepository/${namespace}/${reference.name}, which ${formatTarget(target)} reads, does not exist`,
      { next: ['flux get sources git --all-namespaces'] },
    );
  }
  return { object, source: sourceState(object) };
}

function sourceState(object: GitRepository): SourceState {
  const { spec, status = {}, metadata } = object;
  const intervalMs = parseDuration(spec.interval);
  const branch = spec.ref?.name?.startsWith('refs/heads/')
    ? spec.ref.name.slice('refs/heads/'.length)
    : (spec.ref?.branch ?? (followsTag(object) ? undefined : 'master'));
  return {
    name: { kind: 'GitRepository', namespace: metadata.namespace, name: metadata.name },
    url: spec.url,
    ...(branch === undefined ? {} : { branch }),
    ...(spec.ref?.commit === undefined ? {} : { pinnedCommit: spec.ref.commit }),
    ...(status.artifact === undefined ? {} : { revision: status.artifact.revision }),
    suspended: spec.suspend === true,
    ...(intervalMs === undefined ? {} : { intervalMs }),
    conditions: status.conditions ?? [],
    ...holdsOf(object),
    ...(spec.ignore === undefined ? {} : { ignore: spec.ignore }),
  };
}

function followsTag({ spec }: GitRepository): boolean {
  return spec.ref?.tag !== undefined || spec.ref?.semver !== undefined || spec.ref?.name !== undefined;
}

/** Every Kustomization that reads from a source, or did before it was pinned, the target itself left out. */
export async function observeConsumers(cluster: Cluster, source: SourceState, except: Target): Promise<Consumer[]> {
  const all = await cluster.list<Kustomization>(KUSTOMIZATION);
  return all
    .filter(
      (kustomization) =>
        readsFrom(kustomization, source) &&
        !(kustomization.metadata.name === except.name && kustomization.metadata.namespace === except.namespace),
    )
    .map((kustomization) => {
      const state = kustomizationState(kustomization);
      const { target, suspended, dependsOn, hold } = state;
      return { target, build: kustomization.spec, suspended, dependsOn, ...(hold ? { hold } : {}) };
    });
}

function readsFrom(object: Kustomization, source: SourceState): boolean {
  const { spec, metadata } = object;
  const sourceRef = pinRestoresOf(object)?.sourceRef ?? spec.sourceRef;
  return (
    sourceRef.kind === source.name.kind &&
    sourceRef.name === source.name.name &&
    (sourceRef.namespace ?? metadata.namespace) === source.name.namespace
  );
}
