/** What refuses a release that is valid, and what holds it still though nothing refuses it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '../../../../src/api/kube.ts';
import { startDenyingWebhook } from '../../../../src/sandbox/apiserver/testing/webhook.ts';
import { configMap, deployment, podTemplate, yaml } from '../manifests.ts';
import { answered, conditionOf, gone, request, rolledOut } from '../outcomes.ts';
import type { Scene, Story } from '../scene.ts';
import { begin, releaseTo } from './setting.ts';

const settings = configMap('settings', { colour: 'blue' });
const failing = { reason: 'ReconciliationFailed' };

/** Objects that are refused by a quota, a LimitRange, a webhook. */
export const admission: Story = {
  name: 'admission',
  title: 'a valid release that is refused: a quota, a LimitRange, a webhook that denies, one that does not answer',
  play: async (scene) => {
    const web = deployment('web');
    const release = (name: string, ...manifests: KubeObject[]) =>
      releaseTo(scene, { name, files: { 'app/all.yaml': yaml(...manifests) }, ...failing });
    await begin(scene, { manifests: [web, settings], outcome: () => rolledOut(scene, 'Deployment', 'web') });

    await scene.step('a quota', async () => {
      await scene.kubectl('create', 'quota', 'few', '--hard=count/deployments.apps=1', '-n', scene.namespace);
      await scene.kubectl(
        'wait',
        'resourcequota/few',
        '-n',
        scene.namespace,
        '--for=jsonpath={.status.used.count/deployments\\.apps}=1',
        '--timeout=120s',
      );
    });
    await release('one too many', web, settings, deployment('other'));
    await scene.kubectl('delete', 'quota', 'few', '-n', scene.namespace);

    const limits = { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }] };
    await kubectlApply(scene, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'small', namespace: scene.namespace },
      spec: limits,
    });
    await release('too large', web, settings, claim('5Gi'));
    await scene.kubectl('delete', 'limitrange', 'small', '-n', scene.namespace);

    const webhook = await startDenyingWebhook('images must be signed');
    try {
      await register(scene, webhook.clientConfig);
      await release('denied', deployment('web', '1.0.0', { template: annotated('denied') }), settings);
      // Nobody listens there.
      await register(scene, { ...webhook.clientConfig, url: 'https://127.0.0.1:1/validate' });
      await release('not answered', deployment('web', '1.0.0', { template: annotated('not answered') }), settings);
    } finally {
      await scene.kubectl('delete', 'validatingwebhookconfiguration', `signed-${scene.namespace}`, '--ignore-not-found');
      await webhook.stop();
    }
    await releaseTo(scene, { name: 'mended', files: { 'app/all.yaml': yaml(web, settings) } });
  },
};

/** A Deployment that is paused. */
export const paused: Story = {
  name: 'paused',
  title: 'a Deployment that is paused: by kubectl, by another manager',
  play: async (scene) => {
    await begin(scene, { manifests: [deployment('web')], spec: { timeout: '5s' }, outcome: () => rolledOut(scene, 'Deployment', 'web') });
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: scene.namespace, name: 'web' };
    const isPaused = () => conditionOf(scene.present('Deployment', 'web'), 'Progressing')?.reason === 'DeploymentPaused';
    await scene.step('paused by kubectl', () => scene.kubectl('rollout', 'pause', 'deployment/web', '-n', scene.namespace), isPaused);
    await scene.step(
      'resumed by kubectl',
      () => scene.kubectl('rollout', 'resume', 'deployment/web', '-n', scene.namespace),
      () => !isPaused(),
    );
    await scene.step('paused by another', () => scene.patch(ref, { spec: { paused: true } }, { manager: 'canary' }), isPaused);
    const next = deployment('web', '1.0.0', { template: annotated('next') });
    await releaseTo(scene, { name: 'held still', files: { 'app/all.yaml': yaml(next) }, reason: 'HealthCheckFailed' });
    await scene.step(
      'resumed',
      () => scene.kubectl('rollout', 'resume', 'deployment/web', '-n', scene.namespace),
      () => rolledOut(scene, 'Deployment', 'web'),
    );
  },
};

/** Force deletes what cannot be changed, and then fails on the fields of kubectl in it. */
export const forced: Story = {
  name: 'forced',
  title: 'an immutable field with force: true, of an object in which kubectl has fields',
  play: async (scene) => {
    const data = (colour: string) => ({ ...configMap('settings', { colour }), immutable: true });
    await begin(scene, { manifests: [data('blue')], spec: { force: true } });
    await scene.step('touched by kubectl', () => scene.kubectl('annotate', 'configmap', 'settings', '-n', scene.namespace, 'note=yes'));
    await releaseTo(scene, {
      name: 'deleted',
      files: { 'app/all.yaml': yaml(data('green')) },
      ...failing,
      outcome: () => gone(scene, 'ConfigMap', 'settings'),
    });
    await scene.step(
      'created',
      () => request(scene, 'Kustomization', 'app', 'again'),
      () => answered(scene, 'Kustomization', 'app') && !gone(scene, 'ConfigMap', 'settings'),
    );
  },
};

function annotated(note: string): object {
  const template = podTemplate('web', '1.0.0') as { metadata: object };
  return { ...template, metadata: { ...template.metadata, annotations: { note } } };
}

function claim(storage: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  };
}

/** Asked about Deployments of this story's namespace alone; waits until it is. */
async function register(scene: Scene, clientConfig: { url: string; caBundle: string }): Promise<void> {
  await kubectlApply(scene, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `signed-${scene.namespace}` },
    webhooks: [
      {
        name: 'signed.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 5,
        clientConfig,
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': scene.namespace } },
        rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }],
      },
    ],
  });
  const said = clientConfig.url.includes(':1/') ? 'connection refused' : 'denied the request';
  for (let tries = 0; tries < 300; tries++) {
    const touched = scene.kubectl('annotate', 'deployment', 'web', '-n', scene.namespace, 'touched=yes', '--overwrite', '--dry-run=server');
    const answer = await touched.catch((error: Error) => error.message);
    if (answer.includes(said)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the webhook at ${clientConfig.url} is not asked`);
}

async function kubectlApply(scene: Scene, object: KubeObject): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ebb-admission-'));
  try {
    const file = join(folder, 'object.json');
    await writeFile(file, JSON.stringify(object));
    await scene.kubectl('apply', '-f', file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
