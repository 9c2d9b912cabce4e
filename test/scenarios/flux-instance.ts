/**
 * What flux-operator does with the objects of a FluxInstance's sync: every few seconds it takes over the fields of other
 * managers, removes the parent's owner labels, and applies with force under a manager of its own.
 * Source: flux-operator internal/controller/common.go (takeOwnershipFrom) and fluxinstance_controller.go (apply); fluxcd/pkg
 * ssa/patch.go.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GIT_REPOSITORY, KUSTOMIZATION, OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL } from '../../src/api/flux.ts';
import { type KubeObject, type ManagedFieldsEntry, type ObjectRef, refOf } from '../../src/api/kube.ts';
import type { Stage } from './stage.ts';

export const FLUX_OPERATOR = 'flux-operator';

const EVERY_MS = 2_000;
const RESOURCES: Record<string, string> = { GitRepository: 'gitrepository', Kustomization: 'kustomization' };

export interface FluxInstance {
  /** Waits until it has applied so many times more. */
  applied(times: number): Promise<void>;
  /** Applies no more; resolves when the last run ended. @throws what went wrong in a run. */
  stop(): Promise<void>;
}

/** The source and the Kustomization of `spec.sync`, as the operator's template has them. @param more for the Kustomization's spec. */
export function syncOf(url: string, more: Record<string, unknown> = {}): KubeObject[] {
  const labels = {
    'app.kubernetes.io/managed-by': FLUX_OPERATOR,
    'fluxcd.controlplane.io/name': 'flux',
    'fluxcd.controlplane.io/namespace': 'flux-system',
  };
  const metadata = { name: 'flux-system', namespace: 'flux-system', labels };
  const sourceRef = { kind: 'GitRepository', name: 'flux-system' };
  return [
    { ...GIT_REPOSITORY, metadata, spec: { interval: '1m', url, ref: { name: 'refs/heads/main' } } },
    { ...KUSTOMIZATION, metadata, spec: { interval: '10m', path: './clusters/dev', prune: true, sourceRef, ...more } },
  ];
}

/** Begins to apply, at once and then every few seconds. */
export async function startFluxInstance(stage: Stage, objects: readonly KubeObject[]): Promise<FluxInstance> {
  const folder = await mkdtemp(join(tmpdir(), 'ebb-flux-instance-'));
  const file = join(folder, 'sync.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const stopped = new AbortController();
  let runs = 0;
  const run = async () => {
    for (const object of objects) await takeOver(stage, refOf(object));
    await stage.kubectl('apply', '--server-side', '--force-conflicts', `--field-manager=${FLUX_OPERATOR}`, '-f', file);
    runs += 1;
  };
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await run();
      await delay(EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  running.catch(() => undefined);
  return {
    // One that is under way may have looked before.
    applied: async (times) => {
      const wanted = runs + times + 1;
      await stage.until(`the FluxInstance is applied ${times} times more`, async () => {
        if (runs >= wanted) return true;
        await Promise.race([running, delay(100)]);
        return false;
      });
    },
    stop: async () => {
      stopped.abort();
      await running;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function takeOver(stage: Stage, ref: ObjectRef): Promise<void> {
  const live = await stage.cluster.get<KubeObject>(ref);
  if (!live) return;
  const { labels = {}, managedFields = [] } = live.metadata;
  const owners = [OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL].filter((label) => label in labels);
  const managers = adopted(managedFields);
  const patch = [
    ...owners.map((label) => ({ op: 'remove', path: `/metadata/labels/${label.replaceAll('/', '~1')}` })),
    ...(managers ? [{ op: 'replace', path: '/metadata/managedFields', value: managers }] : []),
  ];
  if (patch.length === 0) return;
  const name = [`${RESOURCES[ref.kind]}/${ref.name}`, '-n', 'flux-system'];
  await stage.kubectl('patch', ...name, '--type=json', `--field-manager=${FLUX_OPERATOR}`, '-p', JSON.stringify(patch));
}

function isAdopted({ manager, operation, subresource }: ManagedFieldsEntry): boolean {
  if (subresource) return false;
  if (manager === 'flux') return true;
  if (manager === 'kustomize-controller') return operation === 'Apply';
  if (manager === 'helm' || manager.startsWith('before-first-apply')) return operation === 'Update';
  return manager.startsWith('kubectl');
}

/** The entries with those of the managers above merged into the operator's own; undefined where there are none. */
function adopted(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] | undefined {
  const [first, ...others] = entries.filter(isAdopted);
  if (!first) return undefined;
  const own = entries.find((entry) => entry.manager === FLUX_OPERATOR && entry.operation === 'Apply');
  const base: ManagedFieldsEntry = own ?? { ...first, manager: FLUX_OPERATOR, operation: 'Apply' };
  const fieldsV1 = [first, ...others].reduce((fields, entry) => union(fields, entry.fieldsV1), base.fieldsV1);
  return [...entries.filter((entry) => entry !== own && !isAdopted(entry)), { ...base, fieldsV1 }];
}

function union(left: Record<string, unknown>, right: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...left };
  for (const [field, below] of Object.entries(right))
    merged[field] = union((left[field] ?? {}) as Record<string, unknown>, below as Record<string, unknown>);
  return merged;
}
