import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HELD_BY, PINNED_COMMIT } from '../../src/api/annotations.ts';
import { GIT_REPOSITORY, RECONCILE_ANNOTATION, REQUESTED_AT } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { explain, openStage, STAGE, type Stage } from './stage.ts';

const SSA_ANNOTATION = 'kustomize.toolkit.fluxcd.io/ssa';
const SHARED = { kind: 'GitRepository', name: 'flux-system' };
const CHILD = 'clusters/dev/sample-app.yaml';
const FOLDER = 'clusters/dev/kustomization.yaml';
const SETTINGS = 'clusters/dev/settings.yaml';

describe('a parent Kustomization declares the one that is held', () => {
  let stage: Stage;
  let good: string;
  beforeAll(async () => {
    stage = await openStage({ featureGates: { cancelHealthCheckOnNewRevision: true } });
    good = await stage.developer.git('rev-parse', 'HEAD');
    await arrives(await stage.developer.release('1.3.0'));
    await runs('1.3.0');
  });
  afterAll(() => stage?.leave());

  const runs = (version: string) =>
    stage.until(`${version} runs`, async () => (await stage.images()).join() === `ghcr.io/ebb-dev/sample-saas-app:${version}`);
  const head = async () => (await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40);
  /** Has an object reconciled, as `flux reconcile` does it; resolves when its controller says that it has. */
  const reconcile = async (resource: string, name: string) => {
    const token = new Date().toISOString();
    await stage.kubectl(
      'annotate',
      '-n',
      'flux-system',
      `${resource}/${name}`,
      '--field-manager=flux',
      '--overwrite',
      `${REQUESTED_AT}=${token}`,
    );
    const field = '-o=jsonpath={.status.lastHandledReconcileAt}';
    await stage.until(
      `${resource}/${name} was reconciled`,
      async () => (await stage.kubectl('get', '-n', 'flux-system', `${resource}/${name}`, field)) === token,
    );
  };
  /** Has the parent, which declares the target and the source, applied again. */
  const runParent = async () => {
    await reconcile('kustomization', 'flux-system');
    await stage.untilWell('flux-system');
  };
  /**
   * Waits until parent and target are at a commit. Each is asked for it: Flux takes no notice of an artifact that comes while
   * a run of the one before is just beginning, for the status that it compares with is of the run before that.
   */
  const arrives = async (commit: string) => {
    await stage.fetchNow();
    for (const name of ['flux-system', 'sample-app']) {
      await stage.until(`${name} applied ${commit.slice(0, 8)}`, async () => {
        await reconcile('kustomization', name);
        return (await stage.kustomization(name)).status?.lastAppliedRevision?.endsWith(commit) === true;
      });
    }
  };
  /** A merge patch under a field manager of one's choice. */
  const patchAs = (manager: string, resource: string, patch: object) =>
    stage.kubectl('patch', '-n', 'flux-system', resource, `--field-manager=${manager}`, '--type=merge', '-p', JSON.stringify(patch));
  const managersOf = async (object: KubeObject | undefined) => (object?.metadata.managedFields ?? []).map((entry) => entry.manager);

  describe('a pin of the target, whose sourceRef Git declares', () => {
    it('survives three runs of the parent, and reconciling everything above it', async () => {
      expect(explain(await stage.ebb('pin', 'sample-app', '--to', good, '--steady', '1s', '--yes')).code).toBe(0);
      for (let run = 0; run < 3; run++) await runParent();
      await reconcile('gitrepository', 'flux-system');
      await runParent();
      await reconcile('kustomization', 'sample-app');
      const { spec, metadata } = await stage.kustomization();
      expect(spec.sourceRef.name).toBe('sample-app-pin');
      expect(metadata.annotations).toMatchObject({ [RECONCILE_ANNOTATION]: 'disabled', [PINNED_COMMIT]: good });
      await stage.untilWell();
      await runs('1.0.0');
      expect(explain(await stage.ebb('verify', 'sample-app', '--steady', '1s')).code).toBe(0);
    });

    it.skipIf(STAGE === 'sandbox')('survives a restart of the controllers (needs controllers that are programs)', async () => {
      await stage.restart('kustomize-controller');
      await stage.restart('source-controller');
      await runParent();
      expect((await stage.kustomization()).spec.sourceRef.name).toBe('sample-app-pin');
      await stage.untilWell();
      await runs('1.0.0');
    });

    it('keeps the target in the inventory of the parent, which says that it is well', async () => {
      const { status } = await stage.kustomization('flux-system');
      expect(status?.inventory?.entries.map((entry) => entry.id)).toContain(
        'flux-system_sample-app_kustomize.toolkit.fluxcd.io_Kustomization',
      );
      expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    });

    it('ends with unpin, and the parent finds nothing to put back', async () => {
      expect(explain(await stage.ebb('unpin', 'sample-app', '--yes')).code).toBe(0);
      const before = await stage.kustomization();
      await runParent();
      const after = await stage.kustomization();
      expect(after.spec).toEqual(before.spec);
      expect(after.spec.sourceRef).toEqual(SHARED);
      expect(after.metadata.generation).toBe(before.metadata.generation);
      expect(after.metadata.annotations?.[RECONCILE_ANNOTATION]).toBeUndefined();
      await runs('1.3.0');
    });

    it('would be undone without the annotation, survives with it, and comes back when the annotation goes', async () => {
      const { url } = (await stage.source())?.spec ?? { url: '' };
      await stage.cluster.create({
        ...GIT_REPOSITORY,
        metadata: { name: 'elsewhere', namespace: 'flux-system' },
        spec: { interval: '10m', url, ref: { branch: 'main' } },
      });
      const moved = { spec: { sourceRef: { kind: 'GitRepository', name: 'elsewhere' } } };
      await patchAs('ebb', 'kustomization/sample-app', moved);
      await runParent();
      expect((await stage.kustomization()).spec.sourceRef).toEqual(SHARED);
      // In whatever case: Flux compares the value without regard to it.
      await patchAs('ebb', 'kustomization/sample-app', { ...moved, metadata: { annotations: { [RECONCILE_ANNOTATION]: 'Disabled' } } });
      await runParent();
      expect((await stage.kustomization()).spec.sourceRef.name).toBe('elsewhere');
      await patchAs('ebb', 'kustomization/sample-app', { metadata: { annotations: { [RECONCILE_ANNOTATION]: null } } });
      await runParent();
      expect((await stage.kustomization()).spec.sourceRef).toEqual(SHARED);
      await patchAs('ebb', 'kustomization/sample-app', { ...moved, metadata: { annotations: { [SSA_ANNOTATION]: 'Ignore' } } });
      await runParent();
      expect((await stage.kustomization()).spec.sourceRef.name).toBe('elsewhere');
      await patchAs('ebb', 'kustomization/sample-app', { metadata: { annotations: { [SSA_ANNOTATION]: null } } });
      await runParent();
      expect((await stage.kustomization()).spec.sourceRef).toEqual(SHARED);
      await stage.cluster.delete({ ...GIT_REPOSITORY, namespace: 'flux-system', name: 'elsewhere' });
    });
  });

  describe('a pin of the whole source, whose commit Git does not declare', () => {
    it('survives three runs of the parent, which is pinned with it', async () => {
      expect(explain(await stage.ebb('pin', 'sample-app', '--scope', 'source', '--to', good, '--steady', '1s', '--yes')).code).toBe(0);
      for (let run = 0; run < 3; run++) await runParent();
      await reconcile('gitrepository', 'flux-system');
      const source = await stage.source();
      expect(source?.spec.ref).toEqual({ branch: 'main', commit: good });
      expect(source?.status?.artifact?.revision).toBe(`main@sha1:${good}`);
      expect(await managersOf(source)).toEqual(expect.arrayContaining(['ebb', 'kustomize-controller']));
      expect((await stage.kustomization('flux-system')).status?.lastAppliedRevision).toBe(`main@sha1:${good}`);
      await runs('1.0.0');
      expect(explain(await stage.ebb('unpin', 'sample-app', '--yes')).code).toBe(0);
      await runs('1.3.0');
    });

    it('by kubectl is gone after the next run of the parent', async () => {
      await patchAs('kubectl-patch', 'gitrepository/flux-system', { spec: { ref: { commit: good } } });
      await stage.until('the parent took it out', async () => {
        await runParent();
        return (await stage.source())?.spec.ref?.commit === undefined;
      });
      expect((await stage.source())?.spec.ref).toEqual({ branch: 'main' });
      await arrives(await head());
    });
  });

  describe('a suspension', () => {
    it('that Git says nothing about survives the parent', async () => {
      expect(explain(await stage.ebb('suspend', 'sample-app', '--for', '1h', '--reason', 'repair')).code).toBe(0);
      await runParent();
      expect((await stage.kustomization()).spec.suspend).toBe(true);
      expect(explain(await stage.ebb('resume', 'sample-app', '--yes')).code).toBe(0);
    });

    it('by kubectl is undone by it', async () => {
      await patchAs('kubectl-patch', 'kustomization/sample-app', { spec: { suspend: true } });
      await runParent();
      expect((await stage.kustomization()).spec.suspend ?? false).toBe(false);
    });

    it('is refused where Git declares spec.suspend, for the parent would undo it: exit code 3, and what to do', async () => {
      const text = await stage.developer.read(CHILD);
      await arrives(await stage.developer.push('clusters: say that sample-app is not suspended', { [CHILD]: `${text}  suspend: false\n` }));
      await stage.until('it is in the cluster', async () => (await stage.kustomization()).spec.suspend === false);
      const refused = explain(await stage.ebb('suspend', 'sample-app', '--reason', 'repair'));
      expect(refused.code).toBe(3);
      expect(refused.stdout + refused.stderr).toContain(
        'kustomize-controller applies spec.suspend of kustomization/flux-system/sample-app, and would undo it',
      );
      expect(refused.stdout + refused.stderr).toContain(
        'set spec.suspend: true in Git, where kustomization/flux-system/flux-system applies it from',
      );
      const { spec, metadata } = await stage.kustomization();
      expect(spec.suspend).toBe(false);
      expect(metadata.annotations?.[HELD_BY]).toBeUndefined();
      const plan = explain(await stage.ebb('rollback', 'sample-app', '--strategy', 'suspend', '--to', good, '--dry-run'));
      expect(plan.code).toBe(3);
      expect(plan.stdout).toContain('--accept FieldContested');
    });

    it('really is undone there: what Git declares wins, and ebb says by whom the hold was undone', async () => {
      const held = { metadata: { annotations: { [HELD_BY]: 'Ann Lee <ann@example.com>' } }, spec: { suspend: true } };
      await patchAs('ebb', 'kustomization/sample-app', held);
      expect((await stage.kustomization()).spec.suspend).toBe(true);
      await runParent();
      expect((await stage.kustomization()).spec.suspend).toBe(false);
      const status = explain(await stage.ebb('status', 'sample-app'));
      expect(status.stdout).toContain('HoldUndone');
      expect(status.stdout).toContain('the suspension by Ann Lee <ann@example.com> was undone by kustomize-controller');
      await patchAs('ebb', 'kustomization/sample-app', { metadata: { annotations: { [HELD_BY]: null } } });
      const text = await stage.developer.read(CHILD);
      await arrives(
        await stage.developer.push('clusters: leave suspending to people', { [CHILD]: text.replace('  suspend: false\n', '') }),
      );
    });
  });

  describe('what else an annotation tells the parent', () => {
    const settings = async (name: string) =>
      (
        await stage.cluster.get<KubeObject & { data: Record<string, string> }>({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          namespace: 'flux-system',
          name,
        })
      )?.data;
    const GIT = { key: 'git' };
    const HAND = { key: 'hand', more: 'hand' };

    it('plain objects go back to Git, with ssa: Merge what was added stays, with IfNotPresent and Ignore all stays', async () => {
      const names = ['plain', 'merged', 'seeded', 'ignored', 'kept'];
      const marks: Record<string, string> = {
        seeded: `${SSA_ANNOTATION}: IfNotPresent`,
        kept: 'kustomize.toolkit.fluxcd.io/prune: disabled',
      };
      const manifest = names
        .map(
          (name) =>
            `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: flux-system\n  annotations: {${marks[name] ?? ''}}\ndata:\n  key: git\n`,
        )
        .join('---\n');
      const folder = await stage.developer.read(FOLDER);
      await arrives(await stage.developer.push('clusters: settings', { [SETTINGS]: manifest, [FOLDER]: `${folder}  - settings.yaml\n` }));
      for (const name of names) await patchAs('kubectl-edit', `configmap/${name}`, { data: HAND });
      await stage.kubectl('annotate', '-n', 'flux-system', 'configmap/merged', `${SSA_ANNOTATION}=Merge`);
      await stage.kubectl('annotate', '-n', 'flux-system', 'configmap/ignored', `${SSA_ANNOTATION}=Ignore`);
      await runParent();
      expect(Object.fromEntries(await Promise.all(names.map(async (name) => [name, await settings(name)])))).toEqual({
        plain: GIT,
        merged: { ...HAND, ...GIT },
        seeded: HAND,
        ignored: HAND,
        kept: GIT,
      });
    });

    it('IfNotPresent counts in Git alone: the same annotation in the cluster keeps nothing', async () => {
      await patchAs('ebb', 'configmap/plain', { metadata: { annotations: { [SSA_ANNOTATION]: 'IfNotPresent' } }, data: HAND });
      await runParent();
      expect(await settings('plain')).toEqual({ ...HAND, ...GIT });
    });

    it('gone from Git, all are deleted but those with prune: disabled and ssa: Ignore', async () => {
      const folder = await stage.developer.read(FOLDER);
      await arrives(
        await stage.developer.push('clusters: no settings', { [SETTINGS]: null, [FOLDER]: folder.replace('  - settings.yaml\n', '') }),
      );
      await stage.until('they are gone', async () => (await settings('plain')) === undefined);
      expect(await Promise.all(['merged', 'seeded', 'ignored', 'kept'].map(settings))).toEqual([undefined, undefined, HAND, GIT]);
    });
  });
});
