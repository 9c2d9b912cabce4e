/**
 * Speed, measured side by side with what a user has today, in one run. Prints a table and writes JSON.
 *
 *     npm run bench                      the whole: 100,000 commits, 500 applications
 *     npm run bench -- --commits 2000 --apps 50 --rounds 5
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/example/assets.ts';
import { BenchCluster } from './bench-cluster.ts';
import { byHand } from './by-hand.ts';
import { type Measured, measure } from './measure.ts';
import { generateRepository } from './repository.ts';
import { summarise } from './statistics.ts';

const { values } = parseArgs({
  options: {
    commits: { type: 'string', default: '100000' },
    apps: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '40' },
    'by-hand-rounds': { type: 'string', default: '3' },
    out: { type: 'string' },
  },
});

const sizes = {
  commits: Number(values.commits),
  apps: Number(values.apps),
  rounds: Number(values.rounds),
  byHandRounds: Number(values['by-hand-rounds']),
};
const ebb = join(packageRoot(), 'dist', 'ebb.js');

interface Row {
  name: string;
  runs: Measured[];
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ebb-bench-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(folder: string): Promise<void> {
  console.log(`generating ${sizes.commits} commits, ${sizes.apps} applications x 3 overlays …`);
  const remote = await generateRepository({ dir: join(folder, 'remote.git'), commits: sizes.commits, apps: sizes.apps });
  const url = `file://${remote.dir}`;
  const cluster = await BenchCluster.start({ head: remote.head, apps: remote.apps });
  const rows: Row[] = [];
  try {
    const env = {
      ...process.env,
      KUBECONFIG: await cluster.kubeconfig(folder),
      EBB_CACHE_DIR: join(folder, 'cache'),
      EBB_STATE_DIR: join(folder, 'state'),
      GIT_AUTHOR_NAME: 'Bench',
      GIT_AUTHOR_EMAIL: 'bench@example.com',
    };
    const command = (...args: string[]) => measure(process.execPath, [ebb, ...args, '--repo', url], { env, cwd: folder });
    rows.push({ name: 'ebb --help', runs: await repeat(15, () => command('--help')) });
    rows.push({ name: 'ebb history, cold (no mirror yet)', runs: [await command('history', remote.apps[0] as string, '-o', 'json')] });
    rows.push({
      name: 'ebb history, warm',
      runs: await repeat(10, (round) => command('history', appOf(remote.apps, round), '-o', 'json')),
    });
    const rollbacks: Measured[] = [];
    const hands: Measured[] = [];
    for (let round = 0; round < sizes.rounds; round++) {
      const app = appOf(remote.apps, round);
      const bad = await cluster.badRelease(remote.dir, app);
      rollbacks.push(await command('rollback', app, '--yes', '--no-wait', '-o', 'json'));
      await cluster.assertReverted(remote.dir, bad);
      // In turn with ours, so that both meet the same machine.
      if (round < sizes.byHandRounds) hands.push(await byHand({ url, folder, env, bad: await cluster.badRelease(remote.dir, app) }));
    }
    rows.push({ name: 'git clone + git revert + git push', runs: hands });
    rows.push({ name: 'ebb rollback, start to pushed, warm', runs: rollbacks });
    await report(rows);
  } finally {
    await cluster.stop();
  }
}

function appOf(apps: readonly string[], round: number): string {
  return apps[(round * 7) % apps.length] as string;
}

async function repeat(times: number, once: (round: number) => Promise<Measured>): Promise<Measured[]> {
  const runs: Measured[] = [];
  for (let round = 0; round < times; round++) runs.push(await once(round));
  return runs;
}

async function report(rows: Row[]): Promise<void> {
  const table = rows.map(({ name, runs }) => ({ name, ...summarise(runs) }));
  console.log(`\n${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`);
  console.log(
    `${'what'.padEnd(40)}${'runs'.padStart(6)}${'p50 ms'.padStart(10)}${'p99 ms'.padStart(10)}${'min ms'.padStart(10)}${'peak MiB'.padStart(10)}`,
  );
  for (const row of table) {
    console.log(
      `${row.name.padEnd(40)}${String(row.runs).padStart(6)}${row.p50.toFixed(0).padStart(10)}${row.p99.toFixed(0).padStart(10)}${row.min.toFixed(0).padStart(10)}${row.peakMiB.toFixed(0).padStart(10)}`,
    );
  }
  const [hand, ours] = [table.find((row) => row.name.startsWith('git clone')), table.find((row) => row.name.startsWith('ebb rollback'))];
  const ratio = hand && ours ? hand.p50 / ours.p50 : undefined;
  if (ratio !== undefined)
    console.log(`\nfrom the command's start to the revert pushed: ${ratio.toFixed(1)} times as fast as by hand (p50 against p50)`);
  const file = values.out ?? join(packageRoot(), 'bench', 'results', `bench-${new Date().toISOString().slice(0, 10)}.json`);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), node: process.version, cpus: cpus().length, sizes, ratio, rows: table }, null, 2)}\n`,
  );
  console.log(`written to ${file}`);
}

await main();
