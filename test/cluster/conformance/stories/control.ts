import { configMap, kustomization, source, yaml } from '../manifests.ts';
import { answered, attempted, conditionOf, gone, refTo, request } from '../outcomes.ts';
import type { Scene, Story } from '../scene.ts';
import { begin, releaseTo, setUp } from './setting.ts';

const settings = (colour: string, name = 'settings') => configMap(name, { colour });
const revisionIs = (scene: Scene, name: string, commit: string) =>
  (scene.present('GitRepository', name)?.status as { artifact?: { revision?: string } } | undefined)?.artifact?.revision?.endsWith(
    commit,
  ) === true;

/** Suspend, change, resume; and requests while suspended. */
export const suspend: Story = {
  name: 'suspend',
  title: 'suspend, change, resume',
  play: async (scene) => {
    await begin(scene, { manifests: [settings('blue')] });
    const app = refTo(scene, 'Kustomization', 'app');
    await scene.step('suspended', () => scene.patch(app, { spec: { suspend: true } }));
    const commit = await scene.push('changed', { 'app/all.yaml': yaml(settings('green')) });
    await scene.step(
      'changed',
      () => request(scene, 'GitRepository', 'source', 'changed'),
      () => revisionIs(scene, 'source', commit),
    );
    await scene.step('asked while suspended', () => request(scene, 'Kustomization', 'app', 'asked'));
    await scene.step(
      'resumed',
      () => scene.patch(app, { spec: { suspend: null } }),
      () => attempted(scene, 'app', commit),
    );
    const git = refTo(scene, 'GitRepository', 'source');
    await scene.step('source suspended', () => scene.patch(git, { spec: { suspend: true } }));
    await scene.push('unseen', { 'app/all.yaml': yaml(settings('red')) });
    await scene.step('source asked while suspended', () => request(scene, 'GitRepository', 'source', 'unseen'));
    await scene.step(
      'source resumed',
      () => scene.patch(git, { spec: { suspend: false } }),
      () => answered(scene, 'GitRepository', 'source') && answered(scene, 'Kustomization', 'app'),
    );
  },
};

/** Requests to reconcile, with nothing new and with something new. */
export const requests: Story = {
  name: 'requests',
  title: 'requestedAt on the source and on the Kustomization',
  play: async (scene) => {
    await begin(scene, { manifests: [settings('blue')] });
    await scene.step(
      'the source, nothing new',
      () => request(scene, 'GitRepository', 'source', 'one'),
      () => answered(scene, 'GitRepository', 'source'),
    );
    await scene.step(
      'the Kustomization, nothing new',
      () => request(scene, 'Kustomization', 'app', 'two'),
      () => answered(scene, 'Kustomization', 'app'),
    );
    await releaseTo(scene, { name: 'changed', files: { 'app/all.yaml': yaml(settings('green')) } });
    await releaseTo(scene, { name: 'elsewhere', files: { 'docs/notes.md': 'nothing that is deployed' } });
    await scene.step('drift', () =>
      scene.patch(
        { apiVersion: 'v1', kind: 'ConfigMap', namespace: scene.namespace, name: 'settings' },
        { data: { colour: 'red', shape: 'round' } },
        { manager: 'somebody' },
      ),
    );
    await scene.step(
      'drift corrected',
      () => request(scene, 'Kustomization', 'app', 'three'),
      () => answered(scene, 'Kustomization', 'app'),
    );
    const app = refTo(scene, 'Kustomization', 'app');
    await scene.step(
      'a change of the spec',
      () => scene.patch(app, { spec: { commonMetadata: { labels: { team: 'a' } } } }),
      () => answered(scene, 'Kustomization', 'app'),
    );
  },
};

/** Objects that leave Git, and deletion. */
export const prune: Story = {
  name: 'prune',
  title: 'an object that leaves Git, and the deletion of the Kustomization',
  play: async (scene) => {
    const kept = configMap('kept', { colour: 'blue' }, { annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } });
    await begin(scene, { manifests: [settings('blue'), settings('blue', 'other'), kept] });
    await releaseTo(scene, {
      name: 'without',
      files: { 'app/all.yaml': yaml(settings('blue')) },
      outcome: () => gone(scene, 'ConfigMap', 'other'),
    });
    await scene.step(
      'the Kustomization is deleted',
      () => scene.delete(refTo(scene, 'Kustomization', 'app')),
      () => gone(scene, 'Kustomization', 'app') && gone(scene, 'ConfigMap', 'settings'),
    );
    const unpruned = kustomization(scene, { prune: false });
    await scene.step(
      'one without prune',
      () => scene.apply(unpruned),
      () => answered(scene, 'Kustomization', 'app'),
    );
    await scene.step(
      'is deleted',
      () => scene.delete(refTo(scene, 'Kustomization', 'app')),
      () => gone(scene, 'Kustomization', 'app'),
    );
  },
};

/** A pin of the source by a commit, and by a source of one's own. */
export const pin: Story = {
  name: 'pin',
  title: 'pins: spec.ref.commit, and a GitRepository of one’s own',
  play: async (scene) => {
    const first = await begin(scene, { manifests: [settings('blue')] });
    const second = await releaseTo(scene, { name: 'second', files: { 'app/all.yaml': yaml(settings('green')) } });
    const git = refTo(scene, 'GitRepository', 'source');
    await scene.step(
      'pinned',
      () => scene.patch(git, { spec: { ref: { commit: first } } }, { manager: 'ebb' }),
      () => attempted(scene, 'app', first),
    );
    await scene.step(
      'asked while pinned',
      () => request(scene, 'GitRepository', 'source', 'asked'),
      () => answered(scene, 'GitRepository', 'source'),
    );
    await scene.step(
      'unpinned',
      () => scene.patch(git, { spec: { ref: { commit: null } } }, { manager: 'ebb' }),
      () => attempted(scene, 'app', second),
    );
    const own = source(scene, { ref: { branch: 'main', commit: first } }, 'own');
    await scene.step(
      'a source of its own',
      async () => {
        await scene.apply(own);
        await scene.patch(refTo(scene, 'Kustomization', 'app'), { spec: { sourceRef: { name: 'own' } } }, { manager: 'ebb' });
      },
      () => attempted(scene, 'app', first),
    );
  },
};

/** A parent Kustomization that owns the one that is pinned. */
export const parent: Story = {
  name: 'parent',
  title: 'a parent Kustomization: what survives its next apply',
  play: async (scene) => {
    const child = kustomization(scene, {}, 'app');
    const files = { 'fleet/app.yaml': yaml(source(scene, {}, 'apps'), child), 'app/all.yaml': yaml(settings('blue')) };
    const first = await scene.push('first', files);
    await scene.step(
      'the beginning',
      () => setUp(scene, kustomization(scene, { wait: false, targetNamespace: undefined }, 'fleet')),
      () => attempted(scene, 'fleet', first) && attempted(scene, 'app', first) && answered(scene, 'GitRepository', 'apps'),
    );
    const suspended = () => (scene.present('Kustomization', 'app')?.spec as { suspend?: boolean } | undefined)?.suspend === true;
    const childWell = () => suspended() || answered(scene, 'Kustomization', 'app');
    const again = (token: string) =>
      scene.step(
        `the parent applies (${token})`,
        () => request(scene, 'Kustomization', 'fleet', token),
        () => answered(scene, 'Kustomization', 'fleet') && childWell() && answered(scene, 'GitRepository', 'apps'),
      );
    const app = refTo(scene, 'Kustomization', 'app');
    const apps = refTo(scene, 'GitRepository', 'apps');
    await scene.step(
      'undeclared fields',
      async () => {
        await scene.patch(apps, { spec: { ref: { commit: first } } }, { manager: 'ebb' });
        await scene.patch(app, { spec: { suspend: true } }, { manager: 'ebb' });
      },
      () => answered(scene, 'GitRepository', 'apps'),
    );
    await again('one');
    await scene.step(
      'given back',
      async () => {
        await scene.patch(apps, { spec: { ref: { commit: null } } }, { manager: 'ebb' });
        await scene.patch(app, { spec: { suspend: null } }, { manager: 'ebb' });
      },
      () => answered(scene, 'GitRepository', 'apps') && answered(scene, 'Kustomization', 'app'),
    );
    await scene.step(
      'undeclared, by kubectl',
      () =>
        scene.kubectl('patch', 'gitrepository', 'apps', '--type=merge', '--patch', JSON.stringify({ spec: { ref: { commit: first } } })),
      () => answered(scene, 'GitRepository', 'apps'),
    );
    await again('two');
    await scene.step(
      'a declared field',
      () => scene.patch(app, { spec: { sourceRef: { name: 'apps' } } }, { manager: 'ebb' }),
      () => answered(scene, 'Kustomization', 'app'),
    );
    await again('three');
    await scene.step(
      'a declared field, reconcile disabled',
      () =>
        scene.patch(
          app,
          { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } }, spec: { sourceRef: { name: 'apps' } } },
          { manager: 'ebb' },
        ),
      () => answered(scene, 'Kustomization', 'app'),
    );
    await again('four');
    await scene.step('reconcile enabled', () =>
      scene.patch(app, { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': null } } }, { manager: 'ebb' }),
    );
    await again('five');
    // On a source of its own, so that the child has nothing new to do while its parent takes it away.
    await scene.step(
      'moved',
      () => scene.patch(app, { spec: { sourceRef: { name: 'apps' } } }, { manager: 'ebb' }),
      () => answered(scene, 'Kustomization', 'app'),
    );
    await scene.step(
      'the child leaves Git',
      async () => {
        await scene.push('childless', { 'fleet/app.yaml': yaml(source(scene, {}, 'apps')) });
        await request(scene, 'GitRepository', 'source', 'childless');
      },
      () => gone(scene, 'Kustomization', 'app') && gone(scene, 'ConfigMap', 'settings') && answered(scene, 'Kustomization', 'fleet'),
    );
  },
};

/** `dependsOn`: not there, not ready, ready. */
export const depends: Story = {
  name: 'depends',
  title: 'dependsOn',
  play: async (scene) => {
    const broken = { ...settings('blue', 'base'), data: { colour: [] } } as never;
    await scene.push('broken', { 'base/all.yaml': yaml(broken), 'app/all.yaml': yaml(settings('blue')) });
    const app = kustomization(scene, { dependsOn: [{ name: 'base' }] });
    await scene.step(
      'a dependency that is not there',
      () => setUp(scene, app),
      () => answered(scene, 'Kustomization', 'app', 'DependencyNotReady'),
    );
    await scene.step(
      'a dependency that fails',
      () => scene.apply(kustomization(scene, {}, 'base')),
      () =>
        answered(scene, 'Kustomization', 'base', 'ReconciliationFailed') &&
        conditionOf(scene.present('Kustomization', 'app'), 'Ready')?.message?.includes('not ready') === true,
    );
    const commit = await scene.push('mended', { 'base/all.yaml': yaml(settings('blue', 'base')) });
    await scene.step(
      'a dependency that is ready',
      () => request(scene, 'GitRepository', 'source', 'mended'),
      () => attempted(scene, 'base', commit) && attempted(scene, 'app', commit),
    );
  },
};
