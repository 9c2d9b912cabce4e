import { describe, expect, it } from 'vitest';
import { GOOD, ready, TARGET } from '../../test/observed.ts';
import { HELM_NAME_LABEL, HELM_NAMESPACE_LABEL, HELM_RELEASE, type HelmRelease, KUSTOMIZATION, type Kustomization } from '../api/flux.ts';
import { entryOf } from '../api/inventory.ts';
import { formatRef, type GroupVersionKind, type KubeObject, type ObjectRef, objectKey, refOf } from '../api/kube.ts';
import type { Cluster } from '../ports.ts';
import { observeHealth } from './health.ts';
import { observeRuns } from './runs.ts';

const NOW = new Date('2026-01-01T00:00:10Z');

function kustomization(spec: Partial<Kustomization['spec']>, ...inventory: KubeObject[]): Kustomization {
  return {
    ...KUSTOMIZATION,
    metadata: { name: TARGET.name, namespace: TARGET.namespace, generation: 1 },
    spec: { interval: '5m', prune: true, wait: true, sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...spec },
    status: {
      observedGeneration: 1,
      conditions: [
        {
          ...ready('True', 'Progressing', `Running health checks for revision main@sha1:${GOOD} with a timeout of 4m0s`),
          type: 'Reconciling',
        },
      ],
      lastAttemptedRevision: `main@sha1:${GOOD}`,
      inventory: { entries: inventory.map((object) => entryOf(refOf(object))) },
    },
  };
}

function release(spec: Partial<HelmRelease['spec']> = {}, ...inventory: KubeObject[]): HelmRelease {
  return {
    ...HELM_RELEASE,
    metadata: { name: 'shop', namespace: 'shop', generation: 1 },
    spec: { interval: '5m', ...spec },
    status: {
      observedGeneration: 1,
      conditions: [ready('True', 'UpgradeSucceeded')],
      inventory: { entries: inventory.map((object) => entryOf(refOf(object))) },
    },
  };
}

function deployment(name: string, namespace: string, labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, uid: `${namespace}-${name}`, generation: 1, labels },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image: 'registry.example.com/shop:1.0.0' }] } } },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 0, unavailableReplicas: 1 },
  } as KubeObject;
}

const OWNED = { [HELM_NAME_LABEL]: 'shop', [HELM_NAMESPACE_LABEL]: 'shop' };

/** A cluster that holds these: got by name, listed by kind, namespace and labels. */
function holding(...objects: KubeObject[]): Cluster {
  const held = new Map(objects.map((object) => [objectKey(refOf(object)), object]));
  const list = async (kind: GroupVersionKind, { namespace, labelSelector }: { namespace?: string; labelSelector?: string } = {}) =>
    objects.filter(
      (object) =>
        object.kind === kind.kind &&
        (namespace === undefined || object.metadata.namespace === namespace) &&
        (labelSelector ?? '').split(',').every((pair) => {
          const [key = '', value] = pair.split('=');
          return key === '' || object.metadata.labels?.[key] === value;
        }),
    );
  return { get: async (ref: ObjectRef) => held.get(objectKey(ref)), list } as unknown as Cluster;
}

async function workloadsOf(cluster: Cluster) {
  const { workloads, notes } = await observeHealth(cluster, TARGET, { logs: false, owned: true });
  return { names: workloads.workloads.map(({ ref }) => formatRef(ref)), owned: workloads.owned, notes };
}

describe('the workloads of a Kustomization', () => {
  it('are those of the HelmReleases in it too: by their labels, and by their inventory in other namespaces', async () => {
    const labelled = deployment('shop', 'front', OWNED);
    const recorded = deployment('worker', 'back');
    const helm = release({ targetNamespace: 'front' }, labelled, recorded);
    const { names } = await workloadsOf(holding(kustomization({}, helm), helm, labelled, recorded, deployment('other', 'front')));
    expect(names).toEqual(['Deployment/front/shop', 'Deployment/back/worker']);
  });

  it('are none of a HelmRelease that is installed into another cluster, whatever has their names here', async () => {
    const here = deployment('shop', 'shop', OWNED);
    const helm = release({ kubeConfig: { secretRef: { name: 'remote' } } }, here);
    expect((await workloadsOf(holding(kustomization({}, helm), helm, here))).names).toEqual([]);
  });
});

describe('a Kustomization that is applied to another cluster', () => {
  const here = deployment('shop', 'shop');
  const remote = kustomization({ kubeConfig: { secretRef: { name: 'remote' } } }, here);

  it('has no workloads here, nothing left behind, and says why', async () => {
    expect(await workloadsOf(holding(remote, here))).toEqual({
      names: [],
      owned: { untracked: [], terminating: [], missing: [] },
      notes: [
        'kustomization/flux-system/sample-app is applied to another cluster (spec.kubeConfig): of its pods nothing is known here but what Flux says',
      ],
    });
  });

  it('has a run that waits, and nothing that could be marked to end it', async () => {
    const { runs } = await observeRuns(holding(remote, here), TARGET, NOW);
    expect(runs.map(({ workloads }) => workloads)).toEqual([[]]);
    const { runs: own } = await observeRuns(holding(kustomization({}, here), here), TARGET, NOW);
    expect(
      own.map(({ workloads }) => workloads.map(({ ref }) => ref.name)),
      'and in this cluster there would be',
    ).toEqual([['shop']]);
  });
});
