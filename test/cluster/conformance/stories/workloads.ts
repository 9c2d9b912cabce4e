import type { KubeObject } from '../../../../src/api/kube.ts';
import { configMap, deployment, podTemplate, service, yaml } from '../manifests.ts';
import { answered, conditionOf, gone, podsOf, request, rolledOut } from '../outcomes.ts';
import type { Scene, Story } from '../scene.ts';
import { begin, releaseTo } from './setting.ts';

const selector = (name: string) => ({ matchLabels: { app: name } });

/** Only what is listed is waited for. */
export const checks: Story = {
  name: 'checks',
  title: 'healthChecks in place of wait',
  play: async (scene) => {
    const healthChecks = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: scene.namespace }];
    const outcome = () => rolledOut(scene, 'Deployment', 'web');
    const files = (web: string, worker: string) => ({ 'app/all.yaml': yaml(deployment('web', web), deployment('worker', worker)) });
    await begin(scene, { manifests: [deployment('web'), deployment('worker')], spec: { wait: false, healthChecks }, outcome });
    await releaseTo(scene, { name: 'unlisted', files: files('1.0.0', '1.2.0') });
    await releaseTo(scene, { name: 'listed', files: files('1.1.0', '1.0.0'), reason: 'HealthCheckFailed' });
  },
};

/** Nobody waits for anything. */
export const unwatched: Story = {
  name: 'unwatched',
  title: 'without wait and healthChecks',
  play: async (scene) => {
    await begin(scene, {
      manifests: [deployment('web'), service('web')],
      spec: { wait: false },
      outcome: () => rolledOut(scene, 'Deployment', 'web'),
    });
    await releaseTo(scene, {
      name: 'bad',
      files: { 'app/all.yaml': yaml(deployment('web', '1.2.0'), service('web')) },
      outcome: () => podsOf(scene, 'web').length === 2,
    });
    await releaseTo(scene, {
      name: 'unknown image',
      files: { 'app/all.yaml': yaml(deployment('web', '9.9.9'), service('web')) },
      outcome: () => scene.all('ReplicaSet').length === 3 && podsOf(scene, 'web').length === 2,
    });
  },
};

/** What Flux replaces by a value. */
const variable = (name: string) => `\${${name}}`;

/** Names and namespaces that Flux gives. */
export const renamed: Story = {
  name: 'renamed',
  title: 'targetNamespace, namePrefix, nameSuffix, commonMetadata, patches, images, substitution',
  play: async (scene) => {
    const spec = {
      namePrefix: 'a-',
      nameSuffix: '-z',
      commonMetadata: { labels: { team: 'shop' }, annotations: { contact: 'ann' } },
      images: [{ name: 'ghcr.io/ebb-dev/sample-saas-app', newTag: '1.0.1' }],
      patches: [{ patch: JSON.stringify([{ op: 'add', path: '/data/shape', value: 'round' }]), target: { kind: 'ConfigMap' } }],
      postBuild: { substitute: { COLOUR: 'blue' } },
    };
    await begin(scene, {
      manifests: [configMap('settings', { colour: variable('COLOUR') }), deployment('web')],
      spec,
      outcome: () => rolledOut(scene, 'Deployment', 'a-web-z', 'web'),
    });
    await releaseTo(scene, {
      name: 'undefined variable',
      files: { 'app/all.yaml': yaml(configMap('settings', { colour: variable('SHADE') }), deployment('web')) },
      reason: 'BuildFailed',
    });
  },
};

/** The kinds of workloads besides Deployments. */
export const kinds: Story = {
  name: 'kinds',
  title: 'StatefulSet, DaemonSet, Job',
  play: async (scene) => {
    const spec = (name: string, version: string) => ({ selector: selector(name), template: podTemplate(name, version) });
    const set = (version: string): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: { ...spec('db', version), replicas: 2, serviceName: 'db' },
    });
    const daemon = (version: string): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      spec: spec('agent', version),
    });
    const headless = service('db', { clusterIP: 'None' });
    const all = (version: string) => [headless, set(version), daemon(version)];
    const outcome = () => rolledOut(scene, 'StatefulSet', 'db') && rolledOut(scene, 'DaemonSet', 'agent');
    await begin(scene, { manifests: all('1.0.0'), outcome });
    await releaseTo(scene, { name: 'good', files: { 'app/all.yaml': yaml(...all('1.0.1')) }, outcome });
    await releaseTo(scene, { name: 'bad', files: { 'app/all.yaml': yaml(...all('1.2.0')) }, reason: 'HealthCheckFailed' });
    await releaseTo(scene, { name: 'revert', files: { 'app/all.yaml': yaml(...all('1.0.1')) }, reason: 'HealthCheckFailed' });
  },
};

/** What people do to workloads by hand. */
export const byHand: Story = {
  name: 'by-hand',
  title: 'kubectl rollout restart, scale, set image, delete; and how Flux puts it back',
  play: async (scene) => {
    const well = () => rolledOut(scene, 'Deployment', 'web');
    const again = (token: string) =>
      scene.step(
        `Flux puts it back (${token})`,
        () => request(scene, 'Kustomization', 'app', token),
        () => answered(scene, 'Kustomization', 'app') && well(),
      );
    await begin(scene, { manifests: [deployment('web'), service('web')], outcome: well });
    await scene.step(
      'restart',
      () => scene.kubectl('rollout', 'restart', 'deployment/web'),
      () => well() && scene.all('ReplicaSet').length === 2,
    );
    await again('one');
    await scene.step(
      'scale',
      () => scene.kubectl('scale', 'deployment/web', '--replicas=2'),
      () => well() && podsOf(scene, 'web').length === 2,
    );
    await again('two');
    await scene.step('set image', () => scene.kubectl('set', 'image', 'deployment/web', 'app=ghcr.io/ebb-dev/sample-saas-app:1.0.1'), well);
    await again('three');
    await scene.step('edit', () => scene.kubectl('label', 'deployment/web', 'by=hand'), well);
    await again('four');
    await scene.step(
      'delete the pod',
      async () => {
        await scene.kubectl('delete', 'pod', '--selector', 'app=web', '--wait=true');
      },
      well,
    );
    await scene.step(
      'delete the Deployment',
      () => scene.kubectl('delete', 'deployment', 'web', '--wait=true'),
      () => gone(scene, 'Deployment', 'web') && podsOf(scene, 'web').length === 0 && scene.all('ReplicaSet').length === 0,
    );
    await again('five');
  },
};

/** Flux takes `Stalled` on any object as failed. */
export const stalled: Story = {
  name: 'stalled',
  title: 'a Stalled condition written into the status of a Deployment that is waited for',
  play: async (scene) => {
    await begin(scene, { manifests: [deployment('web')], outcome: () => rolledOut(scene, 'Deployment', 'web') });
    await scene.push('bad', { 'app/all.yaml': yaml(deployment('web', '1.2.0')) });
    await scene.step(
      'the bad release',
      () => request(scene, 'GitRepository', 'source', 'bad'),
      () => scene.all('ReplicaSet').length === 2 && podsOf(scene, 'web').length === 2,
    );
    await scene.step(
      'stalled',
      () => mark(scene, true),
      () => answered(scene, 'Kustomization', 'app', 'HealthCheckFailed'),
    );
    await scene.step('not stalled any more', () => mark(scene, false));
  },
};

async function mark(scene: Scene, on: boolean): Promise<void> {
  const web = scene.present('Deployment', 'web') as KubeObject & { status: { conditions: { type: string }[] } };
  const others = web.status.conditions.filter(({ type }) => type !== 'Stalled');
  const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
  const stalled = {
    type: 'Stalled',
    status: 'True',
    reason: 'RolledBack',
    message: 'gone back',
    lastTransitionTime: now,
    lastUpdateTime: now,
  };
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: scene.namespace, name: 'web' };
  await scene.patch(ref, { status: { conditions: on ? [...others, stalled] : others } }, { manager: 'ebb', subresource: 'status' });
  await scene.until('the mark is seen', () => (conditionOf(scene.present('Deployment', 'web'), 'Stalled') !== undefined) === on);
}

/** A Job that ends, and one that is changed. */
export const jobs: Story = {
  name: 'jobs',
  title: 'a Job that is changed: its template cannot be',
  play: async (scene) => {
    const job = (version: string): KubeObject => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'task' },
      spec: { backoffLimit: 1, suspend: true, template: podTemplate('task', version, { restartPolicy: 'Never' }) },
    });
    await begin(scene, { manifests: [job('1.0.0')], spec: { wait: false } });
    await releaseTo(scene, {
      name: 'changed',
      files: { 'app/all.yaml': yaml({ ...job('1.0.0'), spec: { ...(job('1.0.1').spec as object), completions: 3 } }) },
      reason: 'ReconciliationFailed',
    });
  },
};
