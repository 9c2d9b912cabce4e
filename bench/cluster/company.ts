/**
 * One commit makes the Deployments of many Kustomizations on one source bad, so that none gets ready; one rollback takes it
 * back. How long until each has the good version, and until each is healthy, from the revert's push on.
 *
 *     npm run bench:cluster -- company                                      50 Kustomizations, Flux's 4 workers and as many as Kustomizations
 *     npm run bench:cluster -- company --count 20 --concurrent 4 --rounds 1
 *     npm run bench:cluster -- company --only ebb,alone --timeout 1m        beside it: the others left to Flux
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openCluster } from '../../src/adapters/kube/cluster.ts';
import { findCondition } from '../../src/api/conditions.ts';
import { GIT_REPOSITORY, KUSTOMIZATION, type Kustomization } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { packageRoot } from '../../src/example/assets.ts';
import { type Developer, developerAt } from '../../src/example/developer.ts';
import { startGitServer } from '../../src/sandbox/git/server.ts';
import type { ControlPlane } from '../../test/cluster/control-plane.ts';
import { measure } from '../measure.ts';
import { type Arrival, arrivals, spread } from './arrivals.ts';
import { commandEnv, machine } from './machine.ts';
import { startPlane } from './plane.ts';
import { ask, isWell, sourceRef } from './watch.ts';

const NAMESPACE = 'bench';
const SOURCE = 'company';
const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';
/** kwok's pods with this tag never get ready. */
const BAD = '1.2.0';
const GOOD = '1.0.0';
/** The longest that one waits for anything, in milliseconds. */
const PATIENCE = 900_000;

/** `ebb`: brings all along; `alone`: `--only`, the others are left to Flux. */
const WAYS: Readonly<Record<string, readonly string[]>> = { ebb: [], alone: ['--only'] };

interface Options {
  count: number;
  /** kustomize-controller's `--concurrent`. */
  concurrent: number[];
  timeout: string;
  rounds: number;
  ways: string[];
}

function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      count: { type: 'string', default: '50' },
      concurrent: { type: 'string', default: '4,50' },
      timeout: { type: 'string', default: '4m' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: 'ebb' },
    },
  });
  const ways = values.only.split(',');
  const unknown = ways.find((way) => !(way in WAYS));
  if (unknown !== undefined) {
    console.error(`--only takes some of ${Object.keys(WAYS).join(',')}, not "${unknown}"`);
    process.exit(2);
  }
  const concurrent = values.concurrent.split(',').map(Number);
  return { count: Number(values.count), concurrent, timeout: values.timeout, rounds: Number(values.rounds), ways };
}

export async function company(args: string[], ended: AbortSignal): Promise<void> {
  const options = optionsOf(args);
  const rows: Row[] = [];
  for (const concurrent of options.concurrent) {
    const flags = { 'kustomize-controller': [`--concurrent=${concurrent}`] };
    const plane = await startPlane({ flags }, ended);
    try {
      await measureAll(plane, { ...options, workers: concurrent }, rows, ended);
    } finally {
      await plane.stop();
    }
  }
  report(rows, options);
  const file = join(packageRoot(), 'bench', 'results', `company-${new Date().toISOString().slice(0, 10)}.json`);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), machine: machine(), options, rows }, null, 2)}\n`);
  console.log(`written to ${file}`);
}

interface Row {
  workers: number;
  way: string;
  /** How many waited for the bad version to get healthy when it was taken back. */
  stuck: number;
  /** Milliseconds that the command took. */
  command: number;
  arrivals: Arrival[];
}

async function measureAll(plane: ControlPlane, options: Options & { workers: number }, rows: Row[], ended: AbortSignal): Promise<void> {
  const git = await startGitServer({ root: join(plane.folder, 'git') });
  const cluster = await openCluster({ kubeconfig: plane.kubeconfig });
  let developer: Developer | undefined;
  try {
    const content = await mkdtemp(join(plane.folder, 'company-'));
    await writeFile(join(content, 'README.md'), 'one commit for all\n');
    await git.addRepository(SOURCE, { from: content });
    await rm(content, { recursive: true });
    developer = await developerAt(git.cloneUrl(SOURCE));
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const first = await developer.push('first release', release(options.count, GOOD, '0'));
    await plane.api.apply(
      {
        ...GIT_REPOSITORY,
        metadata: { name: SOURCE, namespace: 'flux-system' },
        spec: { url: git.cloneUrl(SOURCE), interval: '10m', ref: { branch: 'main' } },
      },
      'bench',
    );
    for (const name of namesOf(options.count)) await plane.api.apply(kustomization(name, options.timeout), 'bench');
    const all = () => cluster.list<Kustomization>(KUSTOMIZATION, { namespace: 'flux-system' });
    await until('all are well', async () => (await all()).every((one) => isWell(one, first)), ended);
    for (let round = 1; round <= options.rounds; round++) {
      for (const way of options.ways) {
        const bad = await developer.push(`release ${round}`, release(options.count, BAD, `${way}-${round}`));
        await ask(cluster, sourceRef(SOURCE));
        const most = Math.min(options.workers, options.count);
        await until(`${most} wait`, async () => (await all()).filter((one) => waits(one, bad)).length >= most, ended);
        await pause(3_000, undefined, { signal: ended });
        const stuck = (await all()).filter((one) => waits(one, bad)).length;
        const bare = git.directory(SOURCE);
        const done = new AbortController();
        const over = AbortSignal.any([done.signal, ended, AbortSignal.timeout(PATIENCE)]);
        const watching = arrivals(
          { cluster, bare, bad, namespace: NAMESPACE, names: namesOf(options.count), image: `${IMAGE}:${GOOD}` },
          over,
        );
        watching.catch(() => undefined);
        const args = [
          join(packageRoot(), 'dist', 'ebb.js'),
          'rollback',
          'app-1',
          '--commit',
          bad,
          ...(WAYS[way] ?? []),
          '--yes',
          '-o',
          'json',
        ];
        const command = await measure(process.execPath, args, { env: commandEnv(plane), cwd: developer.folder, signal: ended });
        const row: Row = { workers: options.workers, way, stuck, command: command.ms, arrivals: await watching };
        done.abort();
        rows.push(row);
        console.log(`  ${options.workers} workers, ${stuck} stuck, ${way}: ${words(row)}; the command ${seconds(command.ms)}`);
        await developer.git('pull', '--quiet');
        const head = (await developer.git('rev-parse', 'HEAD')).trim();
        await until('all are well again', async () => (await all()).every((one) => isWell(one, head)), ended);
      }
    }
  } finally {
    cluster.close();
    await developer?.leave();
    await git.stop();
  }
}

function waits({ status }: Kustomization, commit: string): boolean {
  return new RegExp(`health checks? for revision .*${commit}`).test(findCondition(status?.conditions, 'Reconciling')?.message ?? '');
}

async function until(what: string, met: () => Promise<boolean>, ended: AbortSignal): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await met())) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE / 1_000} s in vain until ${what}`);
    await pause(500, undefined, { signal: ended });
  }
}

function words({ arrivals: all }: Row): string {
  const of = (moment: keyof Omit<Arrival, 'name'>) => {
    const { p50, p90, max } = spread(all.map((one) => one[moment]));
    return `p50 ${seconds(p50)}, p90 ${seconds(p90)}, max ${seconds(max)}`;
  };
  return `good version ${of('applied')}; healthy ${of('healthy')}`;
}

function report(rows: readonly Row[], { count, timeout }: Options): void {
  console.log(`\n${machine()}; ${count} Kustomizations, timeout ${timeout}; from the push of the revert\n`);
  console.log(
    '| workers | stuck | way | good version p50 | p90 | max | healthy p50 | p90 | max |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const { workers, stuck, way, arrivals: all } of rows) {
    const [applied, healthy] = [spread(all.map((one) => one.applied)), spread(all.map((one) => one.healthy))];
    const cells = [applied.p50, applied.p90, applied.max, healthy.p50, healthy.p90, healthy.max].map(seconds);
    console.log(`| ${workers} | ${stuck} | ${way} | ${cells.join(' | ')} |`);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `app-${index + 1}`);
}

function kustomization(name: string, timeout: string): KubeObject {
  return {
    ...KUSTOMIZATION,
    metadata: { name, namespace: 'flux-system' },
    spec: {
      interval: '10m',
      retryInterval: '5m',
      timeout,
      path: `./apps/${name}`,
      prune: true,
      wait: true,
      targetNamespace: NAMESPACE,
      sourceRef: { kind: 'GitRepository', name: SOURCE },
    },
  };
}

function release(count: number, version: string, label: string): Record<string, string> {
  return Object.fromEntries(namesOf(count).map((name) => [`apps/${name}/deployment.yaml`, deployment(name, version, label)]));
}

function deployment(name: string, version: string, label: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
      annotations:
        release: "${label}"
    spec:
      containers:
        - name: app
          image: ${IMAGE}:${version}
`;
}
