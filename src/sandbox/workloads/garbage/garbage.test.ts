import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/kube.ts';
import type { Workload } from '../../../api/workloads.ts';
import { CONFIG_MAP, DEPLOYMENT, NAMESPACE, REPLICA_SET } from '../kinds.ts';
import { controllerRef } from '../ownership.ts';
import { type Bed, startBed } from '../testing/bed.ts';
import { deployment } from '../testing/manifests.ts';

let bed: Bed;
afterEach(() => bed.stop());

const api = () => ({ ...DEPLOYMENT, namespace: 'default', name: 'api' });
const sets = () => bed.api.list<Workload>(REPLICA_SET, { namespace: 'default' });
const running = () => bed.until('ready', () => bed.find<Workload>(DEPLOYMENT, 'api')?.status?.readyReplicas === 2);

describe('the garbage collector', () => {
  it('removes what a deleted owner leaves behind, down to the processes', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    await running();
    bed.api.delete(api());
    expect(bed.api.get(api())).toBeUndefined();
    await bed.until('all is gone', () => sets().length === 0 && bed.pods().length === 0);
  });

  it('keeps an owner in foreground deletion until its dependents are gone', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    await running();
    let early = false;
    const stop = bed.api.watch(DEPLOYMENT, ({ type }) => {
      early ||= type === 'DELETED' && (sets().length > 0 || bed.pods().length > 0);
    });
    bed.api.delete(api(), { propagationPolicy: 'Foreground' });
    expect(bed.api.get<KubeObject>(api())?.metadata.finalizers).toEqual(['foregroundDeletion']);
    await bed.until('all is gone', () => bed.api.get(api()) === undefined && sets().length === 0 && bed.pods().length === 0);
    stop();
    expect(early).toBe(false);
  });

  it('leaves dependents alone where they are to be orphaned', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    await running();
    bed.api.delete(api(), { propagationPolicy: 'Orphan' });
    await bed.until('the owner is gone', () => bed.api.get(api()) === undefined);
    expect(sets()[0]?.metadata.ownerReferences ?? []).toEqual([]);
    expect(bed.pods()).toHaveLength(2);
  });

  it('removes an object whose owner never existed, and keeps one of two owners', async () => {
    bed = startBed();
    const owner = bed.apply<KubeObject>({ ...CONFIG_MAP, metadata: { name: 'owner' } });
    const ghost = { ...controllerRef(owner), controller: false, name: 'ghost', uid: '00000000-0000-0000-0000-000000000000' };
    const owned = (name: string, ownerReferences: KubeObject['metadata']['ownerReferences']) =>
      bed.apply({ ...CONFIG_MAP, metadata: { name, ...(ownerReferences ? { ownerReferences } : {}) } });
    owned('stray', [ghost]);
    owned('shared', [{ ...controllerRef(owner), controller: false }, ghost]);
    await bed.until('the stray is gone', () => bed.find(CONFIG_MAP, 'stray') === undefined);
    await bed.until('the ghost is dropped', () => bed.find<KubeObject>(CONFIG_MAP, 'shared')?.metadata.ownerReferences?.length === 1);
  });

  it('empties a namespace before it goes', async () => {
    bed = startBed();
    bed.api.create({ ...NAMESPACE, metadata: { name: 'shop' } }, { manager: 'test' });
    await bed.until('its service account', () =>
      bed.api.get({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name: 'default' }),
    );
    const manifest = deployment({ image: 'server:v1' });
    bed.apply({ ...manifest, metadata: { ...manifest.metadata, namespace: 'shop' } });
    await bed.until('ready', () => bed.api.get<Workload>({ ...DEPLOYMENT, namespace: 'shop', name: 'api' })?.status?.readyReplicas === 2);
    bed.api.delete({ ...NAMESPACE, name: 'shop' });
    expect(bed.api.get<KubeObject>({ ...NAMESPACE, name: 'shop' })?.status).toMatchObject({ phase: 'Terminating' });
    await bed.until('it is gone', () => bed.api.get({ ...NAMESPACE, name: 'shop' }) === undefined);
    expect(bed.api.list(REPLICA_SET, { namespace: 'shop' })).toEqual([]);
    expect(bed.api.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'shop' })).toEqual([]);
  });
});
