import { configMap, deployment, kustomization, service, yaml } from '../manifests.ts';
import { answered, attempted, gone, refTo, request, rolledOut } from '../outcomes.ts';
import type { Story } from '../scene.ts';
import { begin, releaseTo, setUp } from './setting.ts';

const settings = configMap('settings', { colour: 'blue' });

/** Manifests that cannot be built. */
export const build: Story = {
  name: 'build',
  title: 'manifests that cannot be built',
  play: async (scene) => {
    await begin(scene, { manifests: [settings] });
    const kustomize = (resource: string) =>
      yaml({ resources: [resource], apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' } as never);
    await releaseTo(scene, { name: 'missing', files: { 'app/kustomization.yaml': kustomize('gone.yaml') }, reason: 'BuildFailed' });
    await releaseTo(scene, {
      name: 'remote',
      files: { 'app/kustomization.yaml': kustomize('https://example.invalid/base') },
      reason: 'BuildFailed',
    });
    await releaseTo(scene, {
      name: 'broken',
      files: { 'app/kustomization.yaml': null, 'app/all.yaml': 'kind: [\n' },
      reason: 'BuildFailed',
    });
    await releaseTo(scene, { name: 'mended', files: { 'app/all.yaml': yaml(settings) } });
  },
};

/** What the API server refuses. */
export const refused: Story = {
  name: 'refused',
  title: 'what the API server refuses: an immutable field, an unknown kind, an invalid value',
  play: async (scene) => {
    const web = deployment('web');
    await begin(scene, { manifests: [web, settings], outcome: () => rolledOut(scene, 'Deployment', 'web') });
    const other = deployment('web', '1.0.0', {
      selector: { matchLabels: { app: 'web', tier: 'front' } },
      template: { ...(web.spec as { template: object }).template, metadata: { labels: { app: 'web', tier: 'front' } } },
    });
    const failing = { reason: 'ReconciliationFailed' };
    await releaseTo(scene, { name: 'immutable', files: { 'app/all.yaml': yaml(other, settings) }, ...failing });
    const unknown = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'widget' } };
    await releaseTo(scene, { name: 'unknown', files: { 'app/all.yaml': yaml(web, settings, unknown) }, ...failing });
    const invalid = deployment('web', '1.0.0', { replicas: -1 });
    await releaseTo(scene, { name: 'invalid', files: { 'app/all.yaml': yaml(invalid, settings) }, ...failing });
    const ports = service('web', { ports: [{ name: 'http', port: 0 }] });
    await releaseTo(scene, { name: 'port', files: { 'app/all.yaml': yaml(web, settings, ports) }, ...failing });
    const mistyped = deployment('web', '1.0.0', { replicas: 'two' });
    await releaseTo(scene, { name: 'type', files: { 'app/all.yaml': yaml(mistyped, settings) }, ...failing });
    await releaseTo(scene, { name: 'mended', files: { 'app/all.yaml': yaml(web, settings) } });
  },
};

/** Immutable fields with `force`. */
export const force: Story = {
  name: 'force',
  title: 'an immutable field with force: true',
  play: async (scene) => {
    const data = (colour: string) => [{ ...configMap('settings', { colour }), immutable: true }, service('web')];
    await begin(scene, { manifests: data('blue'), spec: { force: true } });
    await releaseTo(scene, { name: 'recreated', files: { 'app/all.yaml': yaml(...data('green')) } });
  },
};

/** Everything that can be wrong with a source. */
export const sources: Story = {
  name: 'sources',
  title: 'a wrong branch, a wrong path, a Git server that is down',
  play: async (scene) => {
    await begin(scene, { manifests: [settings] });
    const failing = () => answered(scene, 'GitRepository', 'source', 'GitOperationFailed');
    const well = () => answered(scene, 'GitRepository', 'source') && answered(scene, 'Kustomization', 'app');
    const git = refTo(scene, 'GitRepository', 'source');
    await scene.step('a wrong branch', () => scene.patch(git, { spec: { ref: { branch: 'gone' } } }), failing);
    await scene.step('the right branch', () => scene.patch(git, { spec: { ref: { branch: 'main' } } }), well);
    await scene.step('a wrong tag', () => scene.patch(git, { spec: { ref: { branch: null, tag: 'v9' } } }), failing);
    await scene.step('no such commit', () => scene.patch(git, { spec: { ref: { tag: null, commit: '1'.repeat(40) } } }), failing);
    await scene.step('a branch again', () => scene.patch(git, { spec: { ref: { commit: null, branch: 'main' } } }), well);
    await scene.step('no such repository', () => scene.patch(git, { spec: { url: scene.gitUrl.replace('sources', 'nowhere') } }), failing);
    await scene.step('the right repository', () => scene.patch(git, { spec: { url: scene.gitUrl } }), well);
    await scene.openGit(false);
    await scene.step('Git is down', () => request(scene, 'GitRepository', 'source', 'down'), failing);
    await scene.openGit(true);
    await scene.step('Git is up', () => request(scene, 'GitRepository', 'source', 'up'), well);
    const app = refTo(scene, 'Kustomization', 'app');
    await scene.step(
      'a wrong path',
      () => scene.patch(app, { spec: { path: './gone' } }),
      () => answered(scene, 'Kustomization', 'app', 'ArtifactFailed'),
    );
    await scene.step('the right path', () => scene.patch(app, { spec: { path: './app' } }), well);
    await scene.step(
      'a source that is not there',
      () => scene.patch(app, { spec: { sourceRef: { name: 'gone' } } }),
      () => answered(scene, 'Kustomization', 'app', 'ArtifactFailed'),
    );
    await scene.step('the source again', () => scene.patch(app, { spec: { sourceRef: { name: 'source' } } }), well);
    await scene.step(
      'the source is deleted',
      () => scene.delete(git),
      () => gone(scene, 'GitRepository', 'source'),
    );
  },
};

/** A failing release is tried again after `retryInterval`. */
export const retry: Story = {
  name: 'retry',
  title: 'retryInterval',
  play: async (scene) => {
    const commit = await scene.push('first', { 'app/all.yaml': yaml({ ...settings, data: { colour: [] } } as never) });
    await scene.step(
      'a release that fails three times',
      () => setUp(scene, kustomization(scene, { retryInterval: '5s' })),
      () => attempted(scene, 'app', commit, 'ReconciliationFailed') && attempts(scene) >= 3,
    );
  },
};

function attempts(scene: Parameters<Story['play']>[0]): number {
  const events = scene.all('Event') as unknown as { reason: string; count?: number }[];
  return events.filter(({ reason }) => reason === 'ReconciliationFailed').reduce((sum, { count = 1 }) => sum + count, 0);
}
