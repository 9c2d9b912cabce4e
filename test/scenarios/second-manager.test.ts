import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER_NAME_LABEL, REQUESTED_AT } from '../../src/api/flux.ts';
import { FLUX_OPERATOR, type FluxInstance, startFluxInstance, syncOf } from './flux-instance.ts';
import { explain, openStage, type Stage } from './stage.ts';

const FOLDER = 'clusters/dev/kustomization.yaml';
const BILLING = 'clusters/dev/billing-worker.yaml';
const SYNC = 'kustomization/flux-system/flux-system';

describe('a FluxInstance applies source and parent every few seconds, with force and a field manager of its own', () => {
  let stage: Stage;
  let instance: FluxInstance;
  let good: string;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
    instance = await startFluxInstance(stage, syncOf(stage.gitUrl));
  });
  afterAll(async () => {
    await instance?.stop();
    await stage?.leave();
  });

  const runs = (version: string) =>
    stage.until(`${version} runs`, async () => (await stage.images()).join() === `ghcr.io/ebb-dev/sample-saas-app:${version}`);
  const patchAs = (manager: string, resource: string, patch: object) =>
    stage.kubectl('patch', '-n', 'flux-system', resource, `--field-manager=${manager}`, '--type=merge', '-p', JSON.stringify(patch));
  const arrives = async (commit: string) => {
    await stage.fetchNow();
    await stage.until(
      'the parent applied it',
      async () => (await stage.kustomization('flux-system')).status?.lastAppliedRevision?.endsWith(commit) === true,
    );
    await stage.untilAttempted(commit);
    await stage.untilWell();
  };
  const runParent = async () => {
    const token = new Date().toISOString();
    await patchAs('flux', 'kustomization/flux-system', { metadata: { annotations: { [REQUESTED_AT]: token } } });
    await stage.until(
      'the parent has run',
      async () => (await stage.kustomization('flux-system')).status?.lastHandledReconcileAt === token,
    );
  };
  const suspendedText = async () => explain(await stage.ebb('suspended')).stdout;

  it('takes the sync over from the bootstrap, and leaving Git the objects are not pruned', async () => {
    await stage.until('the parent follows the source as the operator has it', async () => {
      const { status } = await stage.kustomization('flux-system');
      return status?.lastAppliedRevision?.startsWith('refs/heads/main@') === true;
    });
    // The parent put its labels back with that run, and by them it would prune what Git no longer has.
    await instance.applied(1);
    for (const object of [await stage.source(), await stage.kustomization('flux-system')])
      expect(object?.metadata.labels?.[OWNER_NAME_LABEL]).toBeUndefined();
    const folder = await stage.developer.read(FOLDER);
    await arrives(
      await stage.developer.push('clusters: the FluxInstance owns the sync', { [FOLDER]: folder.replace('  - flux-system\n', '') }),
    );
    await instance.applied(1);
    const parent = await stage.kustomization('flux-system');
    expect(parent.status?.inventory?.entries.map((entry) => entry.id).sort()).toEqual([
      'flux-system_billing-worker_kustomize.toolkit.fluxcd.io_Kustomization',
      'flux-system_sample-app_kustomize.toolkit.fluxcd.io_Kustomization',
    ]);
    const source = await stage.source();
    expect(source?.spec.ref).toEqual({ name: 'refs/heads/main' });
    const appliers = source?.metadata.managedFields?.filter((entry) => entry.operation === 'Apply').map((entry) => entry.manager);
    expect(appliers).toEqual([FLUX_OPERATOR]);
    good = await stage.developer.git('rev-parse', 'HEAD');
    const text = await stage.developer.read(BILLING);
    await arrives(await stage.developer.push('clusters: look less often', { [BILLING]: text.replace('interval: 5m', 'interval: 7m') }));
    await arrives(await stage.developer.release('1.3.0'));
    await runs('1.3.0');
  });

  it("a pin of the source survives it: the operator does not say spec.ref.commit, and does not take over what ebb's is", async () => {
    const pin = explain(await stage.ebb('pin', 'sample-app', '--scope', 'source', '--to', good, '--steady', '1s', '--yes'));
    expect(pin.code).toBe(0);
    await instance.applied(3);
    await runParent();
    expect((await stage.source())?.spec.ref).toEqual({ name: 'refs/heads/main', commit: good });
    await runs('1.0.0');
    expect(await suspendedText()).toContain(`pinned to ${good.slice(0, 8)}`);
    expect(explain(await stage.ebb('unpin', 'sample-app', '--yes')).code).toBe(0);
    await runs('1.3.0');
  });

  it('a pin of a target beneath survives: the operator never made it, and its parent is told', async () => {
    expect(explain(await stage.ebb('pin', 'sample-app', '--to', good, '--steady', '1s', '--yes')).code).toBe(0);
    await instance.applied(2);
    await runParent();
    expect((await stage.kustomization()).spec.sourceRef.name).toBe('sample-app-pin');
    await runs('1.0.0');
    expect(explain(await stage.ebb('unpin', 'sample-app', '--yes')).code).toBe(0);
    await runs('1.3.0');
  });

  it('a suspension of the parent by ebb survives it, one by the flux CLI or by kubectl is undone', async () => {
    expect(explain(await stage.ebb('suspend', 'flux-system', '--reason', 'freeze')).code).toBe(0);
    await instance.applied(2);
    expect((await stage.kustomization('flux-system')).spec.suspend).toBe(true);
    expect(explain(await stage.ebb('resume', 'flux-system', '--no-wait')).code).toBe(0);
    for (const manager of ['flux', 'kubectl-patch']) {
      await patchAs(manager, 'kustomization/flux-system', { spec: { suspend: true } });
      await instance.applied(1);
      expect((await stage.kustomization('flux-system')).spec.suspend ?? false).toBe(false);
    }
  });

  it('a pin of the parent itself is refused, for the operator applies its sourceRef: exit code 3, and what holds instead', async () => {
    const refused = explain(await stage.ebb('pin', 'flux-system', '--to', good, '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain(`flux-operator applies spec.sourceRef of ${SYNC}, and would undo it`);
    expect(refused.stdout).toContain("--scope source pins the source's spec.ref.commit, which nobody else applies");
    expect(refused.stdout).toContain('--accept FieldContested');
    expect((await stage.kustomization('flux-system')).spec.sourceRef.name).toBe('flux-system');
  });

  it('accepted all the same, it is undone, and ebb says so and by whom wherever one looks', async () => {
    await instance.stop();
    const pin = explain(await stage.ebb('pin', 'flux-system', '--to', good, '--accept', 'FieldContested', '--steady', '1s', '--yes'));
    expect(pin.code).toBe(0);
    expect((await stage.kustomization('flux-system')).spec.sourceRef.name).toBe('flux-system-pin');
    instance = await startFluxInstance(stage, syncOf(stage.gitUrl));
    await instance.applied(0);
    expect((await stage.kustomization('flux-system')).spec.sourceRef.name).toBe('flux-system');
    const undone = `the pin to ${good.slice(0, 8)} by Ann Lee <ann@example.com> was undone by flux-operator`;
    const status = explain(await stage.ebb('status', 'flux-system'));
    expect(status.stdout).toContain('HoldUndone');
    expect(status.stdout).toContain(undone);
    expect(status.stdout).toMatch(new RegExp(`was held +pinned to ${good.slice(0, 8)} by Ann Lee`));
    expect(await suspendedText()).toMatch(new RegExp(`${SYNC} +pinned to ${good.slice(0, 8)}, UNDONE by flux-operator`));
    const verify = explain(await stage.ebb('verify', 'flux-system', '--timeout', '20s'));
    expect(verify.code).toBe(1);
    expect(verify.stdout).toContain(undone);
    expect(explain(await stage.ebb('unpin', 'flux-system', '--yes')).code).toBe(0);
    expect(await suspendedText()).toContain('nothing is held');
  });

  it('where it says suspend: false itself, a suspension is refused, and the FluxInstance named as the place to change', async () => {
    await instance.stop();
    instance = await startFluxInstance(stage, syncOf(stage.gitUrl, { suspend: false }));
    await instance.applied(0);
    const refused = explain(await stage.ebb('suspend', 'flux-system', '--reason', 'freeze'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain(`flux-operator applies spec.suspend of ${SYNC}, and would undo it`);
    expect(refused.stdout).toContain('change it in the FluxInstance');
    expect((await stage.kustomization('flux-system')).spec.suspend).toBe(false);
  });
});
