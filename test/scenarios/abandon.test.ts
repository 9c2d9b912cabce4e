import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../src/api/workloads.ts';
import { explain, openStage, type Stage } from './stage.ts';

interface PlanJson {
  plan: { notes: string[]; hazards: { name: string }[]; steps: { kind: string }[] };
}

interface ReportJson {
  verified: boolean;
  steps: { kind: string; found: boolean; message: string }[];
}

const EBB = fileURLToPath(new URL('../../dist/ebb.js', import.meta.url));
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'sample-saas-app', name: 'sample-saas-app' };

describe('a release that never gets ready, under a health check that may take ten minutes', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ timeout: '10m' });
  });
  afterAll(() => stage?.leave());

  const waits = async () =>
    (await stage.kustomization()).status?.conditions?.some(({ message }) => /health checks for revision/.test(message ?? '')) === true;

  const conditions = async () => {
    const deployment = await stage.cluster.get(DEPLOYMENT);
    return ((deployment?.status as { conditions?: { type: string }[] })?.conditions ?? []).map(({ type }) => type).sort();
  };

  it('keeps Flux waiting; the plan says what is done about it, and what is left where one does not want that', async () => {
    const bad = await stage.developer.release('1.2.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    await stage.until('Flux waits', waits);
    const { plan } = explain(await stage.ebb('rollback', 'sample-app', '--dry-run', '-o', 'json')).json<PlanJson>();
    expect(plan.notes.join()).toMatch(/Flux still waits for the bad version, for up to 9m\S+ more: ebb ends that run/);
    expect(plan.steps.map(({ kind }) => kind)).toEqual(['commit', 'fetch-source', 'abandon', 'reconcile', 'verify']);
    const waiting = explain(await stage.ebb('rollback', 'sample-app', '--dry-run', '--wait-out-timeout', '-o', 'json')).json<PlanJson>();
    expect(waiting.plan.hazards.map(({ name }) => name)).toContain('RunUnderWay');
    expect(waiting.plan.steps.map(({ kind }) => kind)).not.toContain('abandon');
  });

  it('is not waited for: the good version is in the cluster long before the timeout, by a step that says what it did', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--yes', '-o', 'json'));
    expect(rollback.code).toBe(0);
    const report = rollback.json<ReportJson>();
    expect(report.verified).toBe(true);
    const abandon = report.steps.find(({ kind }) => kind === 'abandon');
    expect(abandon).toMatchObject({ found: false });
    expect(abandon?.message).toMatch(
      /^ended Flux's run for main@sha1:[0-9a-f]{8} after \S+, (8|9)m\S* before its timeout \(Stalled on Deployment\/sample-saas-app\/sample-saas-app, taken out again\)$/,
    );
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
  });

  it('leaves no trace on the workload: no condition, no ownership', async () => {
    expect(await conditions()).toEqual(['Available', 'Progressing']);
    const deployment = await stage.cluster.get(DEPLOYMENT);
    expect(deployment?.metadata.managedFields?.map(({ manager }) => manager)).not.toContain('ebb');
  });

  it('is told truthfully: Flux says that the bad version failed its health check, and an Event why it did so soon', async () => {
    const events = await stage.cluster.list<KubeEvent>(
      { apiVersion: 'v1', kind: 'Event' },
      { namespace: 'flux-system', fieldSelector: 'involvedObject.name=sample-app' },
    );
    expect(events.find(({ reason }) => reason === 'HealthCheckFailed')?.message).toContain('Deployment/sample-saas-app/sample-saas-app');
    expect(events.find(({ reason }) => reason === 'RunAbandoned')?.message).toContain("ended Flux's run for main@sha1:");
  });

  it('does not stay marked by a rollback that is killed right then: resume-rollback cleans up, and the good version gets well', async () => {
    const bad = await stage.developer.release('1.2.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    await stage.until('Flux waits', waits);
    const child = spawn(process.execPath, [EBB, 'rollback', 'sample-app', '--yes'], {
      cwd: stage.developer.folder,
      env: stage.env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await stage.until('the workload is marked', async () => (await conditions()).includes('Stalled'));
    child.kill('SIGKILL');
    await ended;
    const { rollbacks } = (await stage.ebb('resume-rollback', '-o', 'json')).json<{ rollbacks: { id: string }[] }>();
    const id = rollbacks[0]?.id as string;
    const resumed = explain(await stage.ebb('resume-rollback', id, '--yes', '-o', 'json'));
    expect(resumed.code).toBe(0);
    expect(resumed.json<ReportJson>().verified).toBe(true);
    expect(await conditions()).toEqual(['Available', 'Progressing']);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    await stage.developer.git('fetch', '--quiet', 'origin');
    expect(await stage.developer.git('rev-list', '--count', `${bad}..origin/main`)).toBe('1');
  });

  it('of which a killed rollback left its mark is found by status, and cleaned by verify', async () => {
    const condition = {
      type: 'Stalled',
      status: 'True',
      reason: 'RolledBack',
      message: 'ebb rollback rb-0123456789ab replaces the version that is waited for here; this condition goes within seconds',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const status = { conditions: [condition] };
    const { namespace, name, ...kind } = DEPLOYMENT;
    await stage.cluster.patch(DEPLOYMENT, { ...kind, metadata: { namespace, name }, status }, { type: 'apply', subresource: 'status' });
    const seen = explain(await stage.ebb('status', 'sample-app'));
    expect(seen.stdout).toContain('RolledBack  Deployment/sample-saas-app/sample-saas-app');
    expect(seen.stdout).toContain('ebb resume-rollback rb-0123456789ab');
    const verified = explain(await stage.ebb('verify', 'sample-app'));
    expect(verified.code).toBe(0);
    expect(await conditions()).toEqual(['Available', 'Progressing']);
  });

  it('is left to Flux where its controller drops failing health checks by itself', async () => {
    const container = {
      name: 'manager',
      image: 'ghcr.io/fluxcd/kustomize-controller:v1.9.6',
      args: ['--feature-gates=CancelHealthCheckOnNewRevision=true'],
    };
    await stage.cluster.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'kustomize-controller', namespace: 'flux-system', labels: { 'app.kubernetes.io/part-of': 'flux' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'kustomize-controller' } },
        template: { metadata: { labels: { app: 'kustomize-controller' } }, spec: { containers: [container] } },
      },
    });
    const bad = await stage.developer.release('1.2.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
    const { plan } = explain(await stage.ebb('rollback', 'sample-app', '--dry-run', '-o', 'json')).json<PlanJson>();
    expect(plan.notes.join()).not.toContain('ebb ends that run');
    expect(plan.hazards.map(({ name }) => name)).not.toContain('RunUnderWay');
  });
});
