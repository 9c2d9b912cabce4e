import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from './lock.ts';
import { MODULES, PROGRAMS } from './recipe.ts';
import { Bench, until } from './testing/bench.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

const folderOf = ({ programs }: Awaited<ReturnType<Bench['ensure']>>): string => programs.folder ?? 'none';

describe('the first time', () => {
  it('builds every program, and puts the manifests that it needs beside them', async () => {
    const folder = folderOf(await bench.ensure());
    expect(readdirSync(join(folder, 'bin')).sort()).toEqual([...PROGRAMS].sort());
    for (const name of PROGRAMS) accessSync(join(folder, 'bin', name), constants.X_OK);
    expect(readdirSync(join(folder, 'crds')).sort()).toEqual([
      'helm-controller',
      'kustomize-controller',
      'notification-controller',
      'source-controller',
    ]);
    expect(readdirSync(join(folder, 'crds', 'helm-controller'))).toEqual(['kinds.yaml']);
    expect(readdirSync(join(folder, 'stages', 'node'))).toEqual(['node.yaml']);
    expect(readdirSync(join(folder, 'stages', 'pod'))).toEqual(['pod.yaml']);
    expect(readdirSync(folder).sort()).toEqual(['bin', 'crds', 'stages']);
  });

  it("builds for this machine, with the pinned modules and the installed Go, from where the user's Go fetches", async () => {
    const folder = folderOf(
      await bench.ensure({ GOOS: 'plan9', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto', GOPROXY: 'http://127.0.0.1:1/' }),
    );
    const said = readFileSync(join(folder, 'bin', 'etcd'), 'utf8');
    expect(said).toContain(`${process.platform}/`);
    expect(said).toContain('-mod=readonly local cgo=0 proxy=http://127.0.0.1:1/');
  });

  it('has the programs tell the version that they are', async () => {
    await bench.ensure();
    expect(bench.calls.find((call) => call.startsWith('kube-apiserver '))).toMatch(/component-base\/version\.gitVersion=v1\.\d+\.\d+ /);
    expect(bench.calls.find((call) => call.startsWith('flux '))).toMatch(/-X main\.VERSION=2\.\d+\.\d+$/);
  });

  it('tells which module it builds and how long that took, and nothing of what go says', async () => {
    const { lines } = await bench.ensure();
    for (const [index, { name }] of MODULES.entries()) {
      expect(lines.filter((line) => line.startsWith(`[${index + 1}/${MODULES.length}] ${name}: `)).at(-1)).toMatch(/built in \d+ s$/);
    }
    expect(lines.join('\n')).not.toContain('downloading');
  });
});

describe('the next time', () => {
  it('builds nothing and says nothing', async () => {
    const first = await bench.ensure();
    const before = bench.calls.length;
    const second = await bench.ensure();
    expect(second).toEqual({ programs: first.programs, lines: [] });
    expect(bench.calls.length).toBe(before);
  });

  it('does without Go', async () => {
    const { programs } = await bench.ensure();
    expect((await bench.ensure({ PATH: '' })).programs).toEqual(programs);
    expect((await bench.ensure({ FAKE_GO_VERSION: 'go1.19.2' })).programs).toEqual(programs);
  });

  it('builds again with another Go, and tells how long it took before', async () => {
    await bench.ensure();
    const { lines } = await bench.ensure({ FAKE_GO_VERSION: 'go1.27.1' });
    expect(lines.join('\n')).toMatch(/last time it took \d+ s/);
    expect(lines.find((line) => line.startsWith('[1/'))).toMatch(/etcd \(\d+ s last time\)$/);
    expect(bench.built.filter((name) => name === 'etcd')).toHaveLength(2);
  });

  it('removes builds that nobody used for a month, once there is a new one', async () => {
    await bench.ensure();
    const old = bench.names('modules');
    const [forgotten = '', ...young] = old;
    const longAgo = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000);
    utimesSync(join(bench.cache, 'modules', forgotten), longAgo, longAgo);
    await bench.ensure({ FAKE_GO_VERSION: 'go1.27.1' });
    expect(bench.names('modules')).not.toContain(forgotten);
    expect(bench.names('modules')).toEqual(expect.arrayContaining(young));
    expect(bench.names('unfinished')).toEqual([]);
  });
});

describe('where it cannot build', () => {
  it('says that Go is absent, as a value', async () => {
    const { programs } = await bench.ensure({ PATH: '' });
    expect(programs.unavailable?.why).toContain('no go on PATH');
    expect(programs.unavailable?.remedy).toContain('install Go');
  });

  it('says which Go it needs where the installed one is too old', async () => {
    const { programs } = await bench.ensure({ FAKE_GO_VERSION: 'go1.25.9' });
    expect(programs.unavailable?.why).toContain('go1.25.9 is too old to build etcd, kubernetes, kwok, flux, flux-cli');
    expect(programs.unavailable?.remedy).toContain('Go 1.26.0 or newer');
    expect(bench.calls).toEqual([]);
  });

  it('shows what go said when a build fails, keeps what was whole, and goes on from there', async () => {
    bench.fail('kwok', 'kwok.go:1:1: expected package');
    await expect(bench.ensure()).rejects.toThrow('kwok.go:1:1: expected package');
    expect(bench.names('modules').map((name) => name.replace(/-[0-9a-f]{16}-.*/, ''))).toEqual(['etcd', 'kubernetes']);
    expect(bench.names('unfinished')).toEqual([]);
    expect(bench.names('.')).not.toContain('building');
    bench.mend('kwok');
    await bench.ensure();
    expect(bench.built.filter((name) => name === 'etcd')).toHaveLength(1);
    expect(bench.built.filter((name) => name === 'kwok')).toHaveLength(2);
  });
});

describe('killed in the middle', () => {
  it('leaves nothing that looks whole, and the next build sweeps the rest away', async () => {
    bench.hold('kube-scheduler');
    const doomed = await bench.ensureElsewhere();
    const go = await bench.processOf('kube-scheduler');
    doomed.kill('SIGKILL');
    await once(doomed, 'close');
    expect(bench.names('modules').filter((name) => name.startsWith('kubernetes-'))).toEqual([]);
    expect(bench.names('unfinished')).toHaveLength(1);
    bench.letGo('kube-scheduler');
    await until(() => !isAlive(go));
    const folder = folderOf(await bench.ensure());
    expect(readdirSync(join(folder, 'bin')).sort()).toEqual([...PROGRAMS].sort());
    expect(bench.names('unfinished')).toEqual([]);
  });

  it('leaves nothing at all when it is asked to end', async () => {
    bench.hold('kube-scheduler');
    const asked = await bench.ensureElsewhere();
    const go = await bench.processOf('kube-scheduler');
    asked.kill('SIGTERM');
    expect(await once(asked, 'close')).toEqual([null, 'SIGTERM']);
    await until(() => !isAlive(go));
    expect(bench.names('unfinished')).toEqual([]);
    expect(bench.names('.')).not.toContain('building');
  });
});

describe('two at once', () => {
  it('builds everything once: the second waits, and says for whom', async () => {
    bench.hold('kube-scheduler');
    const first = await bench.ensureElsewhere();
    await bench.processOf('kube-scheduler');
    const second = await bench.ensureElsewhere();
    let told = '';
    second.stderr?.on('data', (chunk) => {
      told += chunk;
    });
    await until(() => told.includes(`process ${first.pid} builds the control plane already`));
    bench.letGo('kube-scheduler');
    const said = await Promise.all([first, second].map((child) => text(child.stdout as NonNullable<typeof child.stdout>)));
    expect(said[0]).toContain(bench.cache);
    expect(said[1]).toBe(said[0]);
    expect(bench.built.sort()).toEqual([...PROGRAMS].sort());
  });
});

describe('programs built elsewhere', () => {
  const given = () => join(bench.folder, 'given');
  const put = (folder: string, names: readonly string[]) => {
    mkdirSync(folder, { recursive: true });
    for (const name of names) writeFileSync(join(folder, name), `given ${name}`, { mode: 0o755 });
  };

  it('are taken as they are where the manifests are beside them', async () => {
    put(join(given(), 'bin'), PROGRAMS);
    for (const name of ['crds', 'stages']) mkdirSync(join(given(), name));
    expect((await bench.ensure({ EBB_CLUSTER_PROGRAMS: given(), PATH: '' })).programs).toEqual({ folder: given() });
    expect(existsSync(bench.cache)).toBe(false);
  });

  it('get the manifests of the pinned modules where they are alone', async () => {
    put(given(), PROGRAMS);
    const folder = folderOf(await bench.ensure({ EBB_CLUSTER_PROGRAMS: given() }));
    expect(readFileSync(join(folder, 'bin', 'kubectl'), 'utf8')).toBe('given kubectl');
    expect(readdirSync(join(folder, 'crds', 'source-controller'))).toEqual(['kinds.yaml']);
    expect(readdirSync(join(folder, 'stages', 'pod'))).toEqual(['pod.yaml']);
    expect(bench.calls).toEqual([]);
  });

  it('cannot do without Go where they are alone, and say so', async () => {
    put(given(), PROGRAMS);
    const { programs } = await bench.ensure({ EBB_CLUSTER_PROGRAMS: given(), PATH: '' });
    expect(programs.unavailable?.why).toContain('without crds and stages: there is no go on PATH');
  });

  it('are refused, by name, where one is missing', async () => {
    put(
      given(),
      PROGRAMS.filter((name) => name !== 'kubectl' && name !== 'flux'),
    );
    await expect(bench.ensure({ EBB_CLUSTER_PROGRAMS: given() })).rejects.toThrow('lacks kubectl, flux');
    await expect(bench.ensure({ EBB_CLUSTER_PROGRAMS: `${given()}-gone` })).rejects.toThrow('which is not there');
  });
});
