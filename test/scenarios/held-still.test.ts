import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/api/kube.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** A version stands still though nothing refuses it: its Deployment is paused, by whom ever. */

const NAMESPACE = 'sample-saas-app';
const OVERLAY = 'apps/sample-saas-app/overlays/dev';
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: NAMESPACE };

describe('a version whose Deployment is paused', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ timeout: '5m' });
    await released(await stage.developer.configure('GREETING', 'hello', 'sample-saas-app: greet'));
  });
  afterAll(() => stage?.leave());

  const released = async (commit: string) => {
    await applied(commit);
    await stage.untilWell();
  };
  /** Flux may miss the event of an artifact: it is asked again. */
  const applied = (commit: string) =>
    stage.until(`Flux is at ${commit.slice(0, 8)}`, async () => {
      if ((await stage.kustomization()).status?.lastAttemptedRevision?.endsWith(commit)) return true;
      await stage.fetchNow();
      return false;
    });
  const paused = async () => ((await stage.cluster.get<KubeObject>(DEPLOYMENT))?.spec as { paused?: boolean } | undefined)?.paused === true;
  const told = async (what: RegExp) => {
    let out = '';
    await stage.until(`status tells ${what}`, async () => {
      out = (await stage.ebb('status', 'sample-app')).stdout;
      return what.test(out);
    });
    return out;
  };

  it('by kubectl: told before anything is released, and taken away by the next apply of Flux', async () => {
    await stage.kubectl('rollout', 'pause', `deployment/${NAMESPACE}`, '-n', NAMESPACE);
    expect(await told(/✗ DeploymentPaused/)).toMatch(
      /is paused: its pods are as they should be, and Flux does not call it healthy \(spec\.paused, set by kubectl-rollout at .*\)\n +the next run of Flux that applies takes the pause away/,
    );
    await released(await stage.developer.configure('GREETING', 'hi', 'sample-saas-app: greet shorter'));
    expect(await paused()).toBe(false);
  });

  it('by another manager: a rollback names it, with the command, and ends when it is certain', async () => {
    await stage.kubectl(
      'patch',
      'deployment',
      NAMESPACE,
      '-n',
      NAMESPACE,
      '--field-manager=canary',
      '--type=merge',
      '-p',
      '{"spec":{"paused":true}}',
    );
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--timeout', '10m', '--yes'));
    expect(rollback.code).toBe(1);
    const out = rollback.stdout + rollback.stderr;
    expect(out).toMatch(
      /Deployment\/sample-saas-app\/sample-saas-app is paused: it has the new template and makes no pods of it \(spec\.paused, set by canary at /,
    );
    expect(out).toContain('kubectl rollout resume deployment/sample-saas-app -n sample-saas-app');
    expect(await told(/✗ DeploymentPaused/)).toContain('set by canary');
    await stage.kubectl('rollout', 'resume', `deployment/${NAMESPACE}`, '-n', NAMESPACE);
    expect(explain(await stage.ebb('verify', 'sample-app', '--steady', '1s', '--timeout', '3m')).code).toBe(0);
  });

  it('by Git: the manifest is named as what has to change', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    const overlay = await stage.developer.read(`${OVERLAY}/kustomization.yaml`);
    const bad = await stage.developer.push('sample-saas-app: pause, and greet', {
      [`${OVERLAY}/kustomization.yaml`]: overlay.replace('patches:\n', 'patches:\n  - path: paused.yaml\n'),
      [`${OVERLAY}/paused.yaml`]: `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${NAMESPACE} }\nspec: { paused: true }\n`,
      [`${OVERLAY}/config.env`]: (await stage.developer.read(`${OVERLAY}/config.env`)).replace(/GREETING=.*/, 'GREETING=good day'),
    });
    await applied(bad);
    const status = await told(/✗ DeploymentPaused {2}Deployment\/sample-saas-app\/sample-saas-app\n/);
    expect(status).toContain('set by kustomize-controller');
    expect(status).toContain('Git says so: take spec.paused out of the manifest');
    const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '4m'));
    expect(verify.code).toBe(1);
    expect(explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes')).code).toBe(0);
    expect(await paused()).toBe(false);
  });
});
