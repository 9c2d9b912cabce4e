/** Who owns which field: a parent that applies others, drift, and what Flux leaves alone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KUSTOMIZATION } from '../../../api/flux.ts';
import type { KubeObject } from '../../../api/kube.ts';
import type { Workload } from '../../../api/workloads.ts';
import { configMap, deployment, TestBed } from '../test-bed.ts';

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start();
  await bed.repository();
});

afterEach(() => bed.stop());

const CHILD = { ...KUSTOMIZATION, namespace: 'flux-system', name: 'child' };
const OWNERS = { 'kustomize.toolkit.fluxcd.io/name': 'web', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };

const child = (path = './apps/web', extra = '') => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: child, namespace: flux-system}
spec:
  interval: 10m
  path: ${path}
  prune: true
  sourceRef: {kind: GitRepository, name: fleet}
${extra}`;

function dataOf(name: string): Record<string, string> | undefined {
  return bed.get<KubeObject & { data: Record<string, string> }>('ConfigMap', name)?.data;
}

/** Commits, fetches, and waits for `web` to have applied it. */
async function deploy(files: Record<string, string | null>): Promise<string> {
  const sha = await bed.commit(files);
  await bed.reconcile('source');
  await bed.applied(sha);
  return sha;
}

async function begin(files: Record<string, string>, spec: Parameters<TestBed['createKustomization']>[0] = {}): Promise<void> {
  const sha = await bed.commit(files);
  await bed.deploy(sha, spec);
  await bed.applied(sha);
}

describe('a parent Kustomization that applies another', () => {
  const begun = async () => {
    await begin({ 'clusters/child.yaml': child(), 'apps/web/a.yaml': configMap('a', { key: '1' }) }, { path: './clusters' });
    await bed.begin();
    await bed.until('the child', () => bed.ready('child')?.status === 'True');
  };

  it('brings the child to life, which applies its own', async () => {
    await begun();
    expect(dataOf('a')).toEqual({ key: '1' });
    expect(bed.kustomization('child').metadata.labels).toEqual(OWNERS);
  });

  it('keeps suspend: true that the manager ebb has set and the manifest does not name', async () => {
    await begun();
    bed.patch(CHILD, { spec: { suspend: true } }, 'ebb');
    await bed.reconcile('kustomization');
    await deploy({ 'README.md': 'more' });
    expect(bed.kustomization('child').spec.suspend).toBe(true);
  });

  it('removes suspend: true that kubectl patch has set', async () => {
    await begun();
    bed.patch(CHILD, { spec: { suspend: true } }, 'kubectl-patch');
    await bed.reconcile('kustomization');
    expect(bed.kustomization('child').spec.suspend).toBeUndefined();
    expect(bed.messages()).toContain('Progressing: Kustomization/flux-system/child configured');
  });

  it('takes back a field that it declares, whoever has changed it', async () => {
    await begun();
    bed.patch(CHILD, { spec: { path: './elsewhere' } }, 'ebb');
    await bed.reconcile('kustomization');
    expect(bed.kustomization('child').spec.path).toBe('./apps/web');
  });

  it('leaves a child with reconcile: disabled alone, and takes it back when the annotation goes', async () => {
    await begun();
    const mark = (value: string | null) => ({ metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': value } } });
    bed.patch(CHILD, { spec: { path: './clusters' }, ...mark('Disabled') }, 'ebb');
    await deploy({ 'clusters/child.yaml': child('./apps/other') });
    expect(bed.kustomization('child').spec.path).toBe('./clusters');
    expect(bed.kustomization().status?.inventory?.entries).toHaveLength(1);
    bed.patch(CHILD, mark(null), 'ebb');
    await bed.reconcile('kustomization');
    expect(bed.kustomization('child').spec.path).toBe('./apps/other');
  });

  it('deletes the child that leaves the source, and the child what it had applied', async () => {
    await begun();
    await deploy({ 'clusters/child.yaml': null, 'clusters/b.yaml': configMap('b', {}) });
    await bed.until('the child to be gone', () => !bed.api.get(CHILD));
    expect(dataOf('a')).toBeUndefined();
    expect(bed.messages()).toContain('Progressing: Kustomization/flux-system/child deleted');
  });
});

describe('drift', () => {
  beforeEach(async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', { key: '1' }) });
  });
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' };

  it('of a declared field is put right at the next run, and told', async () => {
    bed.patch(ref, { data: { key: 'changed' } }, 'someone');
    await bed.reconcile('kustomization');
    expect(dataOf('a')).toEqual({ key: '1' });
    expect(bed.messages()).toContain('Progressing: ConfigMap/shop/a configured');
  });

  it('by a further field stays, unless kubectl wrote it', async () => {
    bed.patch(ref, { data: { more: 'x' } }, 'someone');
    bed.patch(ref, { data: { hand: 'y' } }, 'kubectl-edit');
    await bed.reconcile('kustomization');
    expect(dataOf('a')).toEqual({ key: '1', more: 'x' });
  });

  it('leaves no trace of kubectl apply', async () => {
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    bed.patch(ref, { metadata: { annotations: { [annotation]: '{}' } } }, 'kubectl-client-side-apply');
    await bed.reconcile('kustomization');
    expect(bed.get('ConfigMap', 'a')?.metadata.annotations?.[annotation]).toBeUndefined();
    expect(bed.get('ConfigMap', 'a')?.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['kustomize-controller']);
  });

  it('is not looked for where nothing differs: the object is not written', async () => {
    const before = bed.get('ConfigMap', 'a')?.metadata.resourceVersion;
    await bed.reconcile('kustomization');
    expect(bed.get('ConfigMap', 'a')?.metadata.resourceVersion).toBe(before);
  });
});

describe('annotations of a manifest', () => {
  it('ssa: IfNotPresent creates it once and never changes it', async () => {
    const seeded = (value: string) => configMap('a', { key: value }, ', annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}');
    await begin({ 'apps/web/a.yaml': seeded('1') });
    await deploy({ 'apps/web/a.yaml': seeded('2') });
    expect(dataOf('a')).toEqual({ key: '1' });
    expect(bed.kustomization().status?.inventory?.entries).toHaveLength(1);
  });

  it('ssa: Merge keeps what kubectl has added', async () => {
    await begin({ 'apps/web/a.yaml': configMap('a', { key: '1' }, ', annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}') });
    bed.patch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' }, { data: { hand: 'y' } }, 'kubectl-edit');
    await bed.reconcile('kustomization');
    expect(dataOf('a')).toEqual({ key: '1', hand: 'y' });
  });

  it('prune: disabled keeps it when it leaves the source', async () => {
    await begin({
      'apps/web/a.yaml': configMap('a', {}, ', annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}'),
      'apps/web/b.yaml': configMap('b', {}),
    });
    await deploy({ 'apps/web/a.yaml': null, 'apps/web/b.yaml': null, 'apps/web/c.yaml': configMap('c', {}) });
    expect(bed.get('ConfigMap', 'a')).toBeDefined();
    expect(bed.get('ConfigMap', 'b')).toBeUndefined();
    expect(bed.messages()).toContain('Progressing: ConfigMap/shop/b deleted\nConfigMap/shop/a skipped');
  });

  it('force: enabled creates it anew where a field cannot change', async () => {
    const labelled = (label: string) => deployment('web:1').replaceAll('{app: web}', `{app: ${label}}`);
    const forced = (label: string) =>
      labelled(label).replace('namespace: shop}', 'namespace: shop, annotations: {kustomize.toolkit.fluxcd.io/force: enabled}}');
    await begin({ 'apps/web/web.yaml': labelled('web') });
    const before = bed.get<Workload>('Deployment', 'web')?.metadata.uid;
    await bed.commit({ 'apps/web/web.yaml': labelled('shop') });
    await bed.reconcile('source');
    await bed.until('the failure', () => bed.ready()?.status === 'False');
    expect(bed.ready()?.message).toMatch(/^Deployment\/shop\/web dry-run failed \(Invalid\): .*immutable/);
    await deploy({ 'apps/web/web.yaml': forced('shop') });
    expect(bed.get<Workload>('Deployment', 'web')?.metadata.uid).not.toBe(before);
    expect(bed.messages()).toContain('Progressing: Deployment/shop/web created');
  });
});

describe('what is added to every object', () => {
  it('are the owner labels and the common metadata', async () => {
    await begin(
      { 'apps/web/a.yaml': configMap('a', {}, ', labels: {team: shop}') },
      { commonMetadata: { labels: { team: 'all' }, annotations: { note: 'x' } } },
    );
    expect(bed.get('ConfigMap', 'a')?.metadata).toMatchObject({ labels: { team: 'all', ...OWNERS }, annotations: { note: 'x' } });
  });
});

describe('stages', () => {
  it('apply a namespace and a definition before what needs them', async () => {
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, listKind: ThingList, plural: things, singular: thing}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}
`;
    await begin({
      'apps/web/a.yaml': 'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: fresh}\nspec: {size: 1}\n',
      'apps/web/crd.yaml': definition,
      'apps/web/ns.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: fresh}\n',
    });
    expect(bed.api.get({ apiVersion: 'example.com/v1', kind: 'Thing', namespace: 'fresh', name: 'a' })).toMatchObject({
      spec: { size: 1 },
    });
    expect(bed.messages()[0]).toBe(
      'Progressing: CustomResourceDefinition/things.example.com created\nNamespace/fresh created\nThing/fresh/a created',
    );
    expect(bed.kustomization().status?.inventory?.entries.map(({ id }) => id)).toEqual([
      '_things.example.com_apiextensions.k8s.io_CustomResourceDefinition',
      '_fresh__Namespace',
      'fresh_a_example.com_Thing',
    ]);
  });
});
