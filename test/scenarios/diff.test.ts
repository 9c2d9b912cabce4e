import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, openStage, type Stage } from './stage.ts';

const DEPLOYMENT = 'deployment/sample-saas-app';
const NAMESPACE = 'sample-saas-app';
const IMAGE = 'spec.template.spec.containers[app].image';

interface Diff {
  notes?: string[];
  from: { commit: string };
  to: { commit: string };
  changes: { ref: { kind: string; name: string }; change: string; fields: { path: string; from: unknown; to: unknown }[] }[];
  drift: {
    ref: { kind: string; name: string };
    kind: string;
    fields: { path: string; from: unknown; to: unknown; by?: { manager: string } }[];
  }[];
}

describe('what another version would change is asked before anything is done', () => {
  let stage: Stage;
  let good: string;
  let newer: string;
  beforeAll(async () => {
    stage = await openStage();
    good = await stage.developer.git('rev-parse', 'HEAD');
    newer = await stage.developer.release('1.3.0');
    await stage.fetchNow();
    await stage.untilAttempted(newer);
    await stage.untilWell();
  });
  afterAll(() => stage?.leave());

  const diff = async (...args: string[]) => {
    const answer = explain(await stage.ebb('diff', 'sample-app', ...args, '-o', 'json'));
    expect(answer.code).toBe(0);
    return answer.json<Diff>();
  };

  it('without more, from what runs to the last good version: objects and fields, not files', async () => {
    const { from, to, changes, drift, notes } = await diff();
    expect([from.commit, to.commit]).toEqual([newer, good]);
    expect(changes.map(({ ref, change }) => [ref.kind, change])).toEqual([['Deployment', 'changed']]);
    expect(changes[0]?.fields).toEqual([
      { path: IMAGE, from: 'ghcr.io/ebb-dev/sample-saas-app:1.3.0', to: 'ghcr.io/ebb-dev/sample-saas-app:1.0.0' },
    ]);
    expect(drift).toEqual([]);
    expect(notes, 'it may read whatever it needs').toBeUndefined();
  });

  it('the screen names both commits', async () => {
    const { stdout } = explain(await stage.ebb('diff', 'sample-app', '--to', good));
    expect(stdout).toContain(`from  ${newer.slice(0, 8)}`);
    expect(stdout).toContain(`to    ${good.slice(0, 8)}`);
    expect(stdout).toMatch(/Because of Git\n {2}~ Deployment\/sample-saas-app\/sample-saas-app\n {6}spec\.template/);
  });

  it('as a patch that git can read', async () => {
    const { stdout } = explain(await stage.ebb('diff', 'sample-app', '--to', good, '-o', 'patch'));
    expect(stdout).toContain('--- a/Deployment/sample-saas-app/sample-saas-app.yaml');
    expect(stdout).toMatch(/^- +image: \S+:1\.3\.0$/m);
    expect(stdout).toMatch(/^\+ +image: \S+:1\.0\.0$/m);
    const file = join(stage.home, 'changes.patch');
    await writeFile(file, stdout);
    expect(await stage.developer.git('apply', '--stat', file)).toMatch(/Deployment\/sample-saas-app\/sample-saas-app\.yaml \| +2 \+-/);
  });

  it('a version with itself does not differ, whichever way it is named', async () => {
    expect((await diff('--from', 'HEAD', '--to', `main@sha1:${newer}`)).changes).toEqual([]);
    expect((await diff('--from', good, '--to', good)).changes).toEqual([]);
  });

  it('what is done in the cluster by hand is told apart, with who did it; what an autoscaler does is no drift', async () => {
    await stage.kubectl('-n', NAMESPACE, 'set', 'image', DEPLOYMENT, 'app=ghcr.io/ebb-dev/sample-saas-app:1.0.1');
    await stage.kubectl('-n', NAMESPACE, 'set', 'env', DEPLOYMENT, 'DEBUG=yes');
    await stage.kubectl('-n', NAMESPACE, 'delete', 'service/sample-saas-app');
    const { changes, drift } = await diff();
    expect(changes.flatMap(({ fields }) => fields.map(({ path }) => path))).toEqual([IMAGE]);
    expect(drift.map(({ ref, kind }) => [ref.kind, kind])).toEqual(
      expect.arrayContaining([
        ['Deployment', 'changed'],
        ['Service', 'gone'],
      ]),
    );
    const fields = drift.flatMap((object) => object.fields);
    expect(fields.find(({ path }) => path === IMAGE)).toMatchObject({
      from: 'ghcr.io/ebb-dev/sample-saas-app:1.3.0',
      to: 'ghcr.io/ebb-dev/sample-saas-app:1.0.1',
      by: { manager: 'kubectl-set' },
    });
    expect(fields.map(({ path }) => path)).toContain('spec.template.spec.containers[app].env[DEBUG].value');
    const { stdout } = explain(await stage.ebb('diff', 'sample-app'));
    expect(stdout).toMatch(
      /Drifted in the cluster, by others than Flux\n(.*\n)*.*\.image: \S+:1\.3\.0 -> \S+:1\.0\.1 {2}by kubectl-set at /,
    );
    expect(stdout).toContain('Service/sample-saas-app/sample-saas-app is not in the cluster: somebody deleted it');
  });

  it('a revision that is none, a target that is none, an output that is none: each is said', async () => {
    const none = await stage.ebb('diff', 'sample-app', '--to', 'no-such-tag');
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('no-such-tag is no commit, tag or branch')]);
    expect((await stage.ebb('diff', 'no-such-target')).code).toBe(1);
    const patch = await stage.ebb('status', 'sample-app', '-o', 'patch');
    expect([patch.code, patch.stderr]).toEqual([2, expect.stringContaining('--output takes text, json or yaml')]);
  });
});
