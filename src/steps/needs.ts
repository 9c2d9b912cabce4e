/** What a step must and should be allowed to do: asked before the first step, so that nothing ends half done for want of a permission. */
import { PINNED_COMMIT } from '../api/annotations.ts';
import { GIT_REPOSITORY, HELM_RELEASE, type Kustomization } from '../api/flux.ts';
import { inventoryOf } from '../api/inventory.ts';
import type { ObjectRef } from '../api/kube.ts';
import { type Target, targetRef } from '../api/target.ts';
import { pinRestoresOf, pinSourceName } from '../core/holds/undone.ts';
import type { SourceName, Step } from '../core/plan/plan.ts';
import { parseHttpCheck } from '../observe/http-check.ts';
import type { Access, Cluster } from '../ports.ts';

type Needs = { [K in Step['kind']]: (step: Extract<Step, { kind: K }>, cluster: Cluster) => Access[] | Promise<Access[]> };

/** Without what is listed here a step fails; what it can do without (to have Flux look now, for one) is not listed. */
const NEEDS: Needs = {
  commit: () => [],
  abandon: async ({ target }, cluster) => (await appliedFor(target, cluster)).filter(isRelease).map((ref) => to('get', ref)),
  suspend: ({ target }) => [to('patch', targetRef(target))],
  resume: ({ target }) => [to('patch', targetRef(target))],
  pin: (step) => (step.scope === 'source' ? [to('patch', sourceRef(step.source)), ...watching(sourceRef(step.source))] : ownPin(step)),
  unpin: ({ target }, cluster) => unpinning(target, cluster),
  'fetch-source': ({ source }) => watching(sourceRef(source)),
  // In a namespace that is somebody else's one may lack everything: told where it shows, and the rest goes on.
  'bring-along': () => [],
  reconcile: ({ target }) => watching(targetRef(target)),
  'replace-broken-pods': () => [],
  // Pods that go on with the bad configuration are no rollback; --no-restart leaves them on purpose.
  restart: ({ workloads }) => workloads.map(({ ref }) => to('patch', ref)),
  verify: async ({ target, httpChecks }, cluster) => [
    ...httpChecks
      .map((check) => parseHttpCheck(check, target.namespace))
      .flatMap((check) => (check.kind === 'service' ? [requesting(check)] : [])),
    ...looking(await appliedFor(target, cluster)),
  ],
};

/** What says how the pods of a workload are. */
const BESIDE_WORKLOADS = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
];

/** To see how what was applied is: one question for each kind and namespace, for names do not matter here. */
function looking(inventory: readonly ObjectRef[]): Access[] {
  const run = inventory.filter(
    ({ apiVersion, kind }) => apiVersion === 'apps/v1' || kind === 'Job' || (apiVersion === 'v1' && kind === 'Service'),
  );
  const gets = run.map(({ apiVersion, kind, namespace = '' }): Access => ({ verb: 'get', apiVersion, kind, namespace }));
  const lists = [...new Set(run.map(({ namespace = '' }) => namespace))].flatMap((namespace) =>
    BESIDE_WORKLOADS.map((kind): Access => ({ verb: 'list', ...kind, namespace })),
  );
  return [...gets, ...lists];
}

function isRelease({ kind }: ObjectRef): boolean {
  return kind === HELM_RELEASE.kind;
}

/** What Flux applied for a target. */
async function appliedFor(target: Target, cluster: Cluster): Promise<ObjectRef[]> {
  const object = await cluster.get<Kustomization>(targetRef(target));
  return object ? inventoryOf(object) : [];
}

export async function needsOf(step: Step, cluster: Cluster): Promise<Access[]> {
  return (NEEDS[step.kind] as Needs[Step['kind']])(step as never, cluster);
}

/** Something that a step does where it may. */
export interface Wish {
  access: Access;
  /** How it is without it, for people. */
  consequence: string;
}

/** Kinds whose failing runs can be ended. */
const MARKED = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** What a step can do without, though not as well. */
export async function wishesOf(step: Step, cluster: Cluster): Promise<Wish[]> {
  switch (step.kind) {
    case 'fetch-source':
      return [{ access: to('patch', sourceRef(step.source)), consequence: 'Flux is not asked to fetch now, and does at its own interval' }];
    case 'reconcile':
      return [{ access: to('patch', targetRef(step.target)), consequence: 'Flux is not asked to look now, and does at its own interval' }];
    case 'abandon':
      return abandonWishes(step.target, cluster);
    case 'replace-broken-pods':
      return step.sets.map(({ namespace = '' }) => ({
        access: { verb: 'delete', apiVersion: 'v1', kind: 'Pod', namespace },
        consequence: 'pods of the bad version that block the rollout stay until somebody deletes them',
      }));
    default:
      return [];
  }
}

async function abandonWishes(target: Target, cluster: Cluster): Promise<Wish[]> {
  const refs = await appliedFor(target, cluster);
  return refs
    .filter(({ apiVersion, kind }) => apiVersion === 'apps/v1' && MARKED.includes(kind))
    .map((ref) => ({
      access: { ...to('patch', ref), subresource: 'status' },
      consequence: 'a run of Flux that waits for the bad version cannot be ended, and goes on until its timeout',
    }));
}

function to(verb: Access['verb'], { apiVersion, kind, namespace, name }: ObjectRef): Access {
  return { verb, apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** One object is followed by list and watch. */
function watching(ref: ObjectRef): Access[] {
  return [to('list', ref), to('watch', ref)];
}

function sourceRef({ namespace, name }: SourceName): ObjectRef {
  return { ...GIT_REPOSITORY, namespace, name };
}

function ownPin({ target, source }: Extract<Step, { kind: 'pin' }>): Access[] {
  const own = { ...GIT_REPOSITORY, namespace: source.namespace, name: pinSourceName(target, source.namespace) };
  // A server-side apply that has to create needs both; `create` knows no name yet.
  const { name: _unnamed, ...create } = to('create', own);
  return [create, to('patch', own), ...watching(own), to('patch', targetRef(target))];
}

async function unpinning(target: Target, cluster: Cluster): Promise<Access[]> {
  const object = await cluster.get<Kustomization>(targetRef(target));
  const before = object ? pinRestoresOf(object)?.sourceRef : undefined;
  if (before) {
    const namespace = before.namespace ?? target.namespace;
    const own = { ...GIT_REPOSITORY, namespace, name: pinSourceName(target, namespace) };
    return [to('patch', targetRef(target)), to('delete', own)];
  }
  const shared = object?.spec.sourceRef;
  if (shared?.kind !== GIT_REPOSITORY.kind) return [];
  const ref = { ...GIT_REPOSITORY, namespace: shared.namespace ?? target.namespace, name: shared.name };
  const source = await cluster.get(ref);
  return source?.metadata.annotations?.[PINNED_COMMIT] === undefined ? [] : [to('patch', ref)];
}

function requesting({ namespace, name, port }: { namespace: string; name: string; port: string }): Access {
  return { verb: 'get', apiVersion: 'v1', kind: 'Service', subresource: 'proxy', namespace, name: `${name}:${port}` };
}
