import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import { KUSTOMIZATION, READY, REQUESTED_AT } from '../../src/api/flux.ts';
import { startDenyingWebhook } from '../../src/sandbox/apiserver/testing/webhook.ts';
import { explain, openStage, STAGE, type Stage } from './stage.ts';

/** What the API server does not take, although Flux may have it: each known by the name of who refuses, and gone as told. */

const NAMESPACE = 'sample-saas-app';
const OVERLAY = 'apps/sample-saas-app/overlays/dev';
const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app:1.0.0';

const set = (serviceName: string) => `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 1
  serviceName: ${serviceName}
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: ${IMAGE}
          readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }
`;

describe('a version that the API server refuses', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    const overlay = await stage.developer.read(`${OVERLAY}/kustomization.yaml`);
    await released(
      await stage.developer.push('sample-saas-app: a database', {
        [`${OVERLAY}/kustomization.yaml`]: overlay.replace('resources:\n', 'resources:\n  - db.yaml\n'),
        [`${OVERLAY}/db.yaml`]: set('db'),
      }),
    );
  });
  afterAll(() => stage?.leave());

  const released = async (commit: string) => {
    await stage.fetchNow();
    await stage.untilAttempted(commit);
    await stage.untilWell();
  };
  const refused = async (commit: string, said: RegExp) => {
    await stage.fetchNow();
    await stage.untilAttempted(commit);
    await untilSaid(said);
  };
  const untilSaid = (said: RegExp) =>
    stage.until(`Flux says ${said}`, async () => {
      const ready = findCondition((await stage.kustomization()).status?.conditions, READY);
      return ready?.status === 'False' && said.test(ready.message ?? '');
    });
  const askFlux = () =>
    stage.cluster.patch(
      { ...KUSTOMIZATION, namespace: 'flux-system', name: 'sample-app' },
      { metadata: { annotations: { [REQUESTED_AT]: new Date().toISOString() } } },
      { type: 'merge' },
    );
  const attempted = async () => (await stage.kustomization()).status?.lastAttemptedRevision;
  const podId = async () => (await stage.cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, name: 'db-0' }))?.metadata.uid;
  const register = async (clientConfig: { url: string; caBundle: string }) => {
    await stage.cluster.create({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'signatures' },
      webhooks: [
        {
          name: 'signed.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          timeoutSeconds: 5,
          clientConfig,
          objectSelector: { matchLabels: { 'app.kubernetes.io/name': NAMESPACE } },
          rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }],
        },
      ],
    });
    await stage.until('the webhook is asked', async () => {
      const touch = stage.kubectl('annotate', 'deployment', NAMESPACE, '-n', NAMESPACE, 'touched=yes', '--overwrite', '--dry-run=server');
      return touch.then(
        () => false,
        (error: Error) => error.message.includes('signed.example.com'),
      );
    });
  };
  const unregister = () => stage.kubectl('delete', 'validatingwebhookconfiguration', 'signatures');

  describe('because of a field that cannot be changed', () => {
    it('status names object, field, and how it is made anew without losing its pods; verify does not wait', async () => {
      await refused(
        await stage.developer.push('sample-saas-app: another service', { [`${OVERLAY}/db.yaml`]: set('other') }),
        /updates to statefulset spec/,
      );
      const status = explain(await stage.ebb('status', 'sample-app'));
      expect(status.stdout).toMatch(/✗ ImmutableField {2}StatefulSet\/sample-saas-app\/db\n/);
      expect(status.stdout).toContain('kubectl delete statefulset db -n sample-saas-app --cascade=orphan');
      expect(status.stdout).toContain('kustomize.toolkit.fluxcd.io/force: enabled');
      const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '10m'));
      expect(verify.code).toBe(1);
      expect(verify.stdout).toMatch(
        /✗ FluxReady +ReconciliationFailed: the API server does not take StatefulSet\/sample-saas-app\/db: spec of what is there/,
      );
      expect(verify.stdout).toContain('kubectl delete statefulset db -n sample-saas-app --cascade=orphan');
    });

    it('done as told, the version is there, with the very pod that ran before', async () => {
      const before = await podId();
      await stage.kubectl('delete', 'statefulset', 'db', '-n', NAMESPACE, '--cascade=orphan');
      await askFlux();
      await stage.untilWell();
      expect(await podId()).toBe(before);
      expect(explain(await stage.ebb('verify', 'sample-app', '--steady', '1s')).code).toBe(0);
    });
  });

  describe('because of a webhook', () => {
    it('that denies: the rollback ends as soon as it is certain, and names it', async () => {
      const webhook = await startDenyingWebhook('images must be signed');
      try {
        await register(webhook.clientConfig);
        await refused(await stage.developer.configure('GREETING', 'hi', 'sample-saas-app: greet'), /denied the request/);
        const status = explain(await stage.ebb('status', 'sample-app'));
        expect(status.stdout).toMatch(/✗ WebhookDenied {2}Deployment\/sample-saas-app\/sample-saas-app\n/);
        expect(status.stdout).toContain('webhook signed.example.com refuses it: images must be signed');
        const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--timeout', '10m', '--yes'));
        expect(rollback.code).toBe(1);
        expect(rollback.stdout + rollback.stderr).toContain('webhook signed.example.com refuses it: images must be signed');
        expect(rollback.stdout + rollback.stderr).toContain('kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations');
      } finally {
        await unregister();
        await webhook.stop();
      }
      await askFlux();
      await stage.untilWell();
      expect(explain(await stage.ebb('verify', 'sample-app', '--steady', '1s')).code).toBe(0);
    });

    it('that cannot be reached: the rollback waits for it, says so, and has Flux try again by itself', async () => {
      await stage.developer.git('pull', '--quiet', 'origin', 'main');
      const webhook = await startDenyingWebhook('never asked');
      await webhook.stop();
      await register(webhook.clientConfig);
      const bad = await stage.developer.configure('GREETING', 'hey', 'sample-saas-app: greet again');
      await refused(bad, /failed calling webhook/);
      const status = explain(await stage.ebb('status', 'sample-app'));
      expect(status.stdout).toMatch(
        /✗ WebhookUnreachable {2}Deployment\/sample-saas-app\/sample-saas-app\n.*signed\.example\.com cannot be asked/,
      );
      const rollback = stage.ebb('rollback', 'sample-app', '--steady', '1s', '--timeout', '10m', '--yes');
      try {
        await stage.until('Flux fails on the revert as well', async () => (await attempted())?.endsWith(bad) === false);
        await untilSaid(/failed calling webhook/);
        const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '1s'));
        expect(verify.code).toBe(4);
        expect(verify.stdout).toMatch(/FluxReady +ReconciliationFailed: .*webhook signed\.example\.com cannot be asked/);
      } finally {
        await unregister();
      }
      expect(explain(await rollback).code).toBe(0);
    });
  });

  it('because of a quota on objects: named, and a version with fewer of them is taken', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    await stage.cluster.create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few', namespace: NAMESPACE },
      spec: { hard: { 'count/deployments.apps': '1' } },
    });
    await stage.until('the quota is counted', async () => {
      const quota = await stage.cluster.get({ apiVersion: 'v1', kind: 'ResourceQuota', namespace: NAMESPACE, name: 'few' });
      return (quota?.status as { used?: Record<string, string> } | undefined)?.used?.['count/deployments.apps'] === '1';
    });
    const cache = set('other')
      .replaceAll('db', 'cache')
      .replace('StatefulSet', 'Deployment')
      .replace(/ +serviceName.*\n/, '');
    const both = { [`${OVERLAY}/db.yaml`]: `${set('other')}---\n${cache}` };
    await refused(await stage.developer.push('sample-saas-app: a cache', both), /exceeded quota: few/);
    const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '10m'));
    expect(verify.code).toBe(1);
    expect(verify.stdout).toMatch(
      /Deployment\/sample-saas-app\/cache: ResourceQuota few is used up: requested: count\/deployments\.apps=1/,
    );
    expect(verify.stdout).toContain('kubectl edit resourcequota few -n sample-saas-app');
    expect(explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes')).code).toBe(0);
    await stage.kubectl('delete', 'resourcequota', 'few', '-n', NAMESPACE);
  });

  it.runIf(STAGE === 'cluster')('because of a ValidatingAdmissionPolicy (its rules are CEL, which the sandbox does not play)', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    const group = 'admissionregistration.k8s.io/v1';
    const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['statefulsets'] };
    await stage.cluster.create({
      apiVersion: group,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'one-replica' },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: 'object.spec.replicas <= 1', message: 'one replica is enough' }],
      },
    });
    await stage.cluster.create({
      apiVersion: group,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'one-replica-here' },
      spec: { policyName: 'one-replica', validationActions: ['Deny'] },
    });
    await stage.until('the policy is in force', async () => {
      const scaled = stage.kubectl(
        'patch',
        'statefulset',
        'db',
        '-n',
        NAMESPACE,
        '--type=merge',
        '-p',
        '{"spec":{"replicas":2}}',
        '--dry-run=server',
      );
      return scaled.then(
        () => false,
        (error: Error) => error.message.includes('one-replica'),
      );
    });
    await refused(
      await stage.developer.push('sample-saas-app: two databases', {
        [`${OVERLAY}/db.yaml`]: set('other').replace('replicas: 1', 'replicas: 2'),
      }),
      /ValidatingAdmissionPolicy/,
    );
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toMatch(
      /✗ PolicyDenied {2}StatefulSet\/sample-saas-app\/db\n.*one-replica \(binding one-replica-here\) refuses it: one replica is enough/,
    );
    expect(explain(await stage.ebb('verify', 'sample-app', '--timeout', '10m')).code).toBe(1);
    expect(explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes')).code).toBe(0);
  });
});
