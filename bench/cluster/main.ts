/**
 * How long a rollback takes on the real control plane, side by side in one run: from the revert in Git to the good spec in the
 * cluster and to healthy, by waiting, by flux, and by Ebb; and how that grows with the Kustomizations on the same source.
 *
 *     npm run bench:cluster                                 1, 10, 100 and 500 Kustomizations; takes about an hour
 *     npm run bench:cluster -- --counts 1,10 --rounds 1     a few minutes
 *     npm run bench:cluster -- --only ebb,flux --scenarios errors,stuck-1m,stuck-2m,stuck-4m --counts 1
 *     npm run bench:cluster -- --interval 5m                really waits for Flux's interval of the guide
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '../../src/api/duration.ts';
import { packageRoot } from '../../src/example/assets.ts';
import { startControlPlane } from '../../test/cluster/control-plane.ts';
import { Fleet } from './fleet.ts';
import { type Command, METHODS, type Method } from './methods.ts';
import { residentMiB } from './processes.ts';
import { DEFAULT_SCENARIOS, SCENARIOS, type Scenario } from './scenarios.ts';
import { clock } from './stopwatch.ts';
import { cellsOf, memoryTable, type Round, timesTable } from './table.ts';

const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '1,10,100,500' },
    only: { type: 'string', default: METHODS.map(({ name }) => name).join(',') },
    scenarios: { type: 'string', default: DEFAULT_SCENARIOS.join(',') },
    rounds: { type: 'string', default: '5' },
    interval: { type: 'string', default: '30s' },
    'cancel-health-check': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

const counts = values.counts
  .split(',')
  .map(Number)
  .sort((a, b) => a - b);
const methods = named(METHODS, values.only, '--only');
const scenarios = named(SCENARIOS, values.scenarios, '--scenarios');
const rounds = Number(values.rounds);
const intervalMs = parseDuration(values.interval);
if (intervalMs === undefined || counts.some((count) => !Number.isInteger(count) || count < 1) || !(rounds >= 1)) {
  console.error('--counts takes whole numbers, --rounds a number, --interval a duration such as 30s');
  process.exit(2);
}

function named<T extends { name: string }>(all: readonly T[], names: string, flag: string): T[] {
  const wanted = names.split(',');
  const unknown = wanted.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) {
    console.error(`${flag} takes some of ${all.map((one) => one.name).join(',')}, not "${unknown}"`);
    process.exit(2);
  }
  return all.filter(({ name }) => wanted.includes(name));
}

interface Results {
  rounds: Round[];
  /** Kustomizations → process → MiB: resident after the rounds, and for commands the peak. */
  memory: Map<number, Record<string, number>>;
}

async function main(): Promise<void> {
  const plane = await startControlPlane({
    featureGates: { cancelHealthCheckOnNewRevision: values['cancel-health-check'] },
  });
  const state = await mkdtemp(join(tmpdir(), 'ebb-bench-'));
  try {
    const fleet = await Fleet.start({ plane, most: Math.max(...counts), interval: values.interval });
    try {
      const results: Results = { rounds: [], memory: new Map() };
      for (const count of counts) await measureCount(fleet, count, state, results);
      await report(results);
    } finally {
      await fleet.stop();
    }
  } finally {
    await plane.stop();
    await rm(state, { recursive: true, force: true });
  }
}

async function measureCount(fleet: Fleet, count: number, state: string, results: Results): Promise<void> {
  console.log(`${count} Kustomizations …`);
  await fleet.grow(count);
  const peaks: Record<string, number> = {};
  for (const scenario of scenarios) {
    await fleet.prepare(scenario);
    // In turn, so that all meet the same machine.
    for (let round = 0; round < rounds; round++) {
      for (const method of methods) {
        const { measured, commands } = await measureRound(fleet, { scenario, method, phase: (round + 0.5) / rounds, state });
        results.rounds.push(measured);
        for (const { name, peakMiB } of commands) peaks[name] = Math.max(peaks[name] ?? 0, peakMiB ?? 0);
        console.log(
          `  ${scenario.name} ${method.name.padEnd(9)} pushed ${measured.pushed.toFixed(0)} ms, then applied ${measured.applied.toFixed(0)} ms, healthy ${measured.healthy.toFixed(0)} ms`,
        );
      }
    }
  }
  results.memory.set(count, { ...(await residentMiB(fleet.plane)), ...peaks });
}

interface RoundOptions {
  scenario: Scenario;
  method: Method;
  /** Where in the source's interval the push falls, from 0 to 1. */
  phase: number;
  state: string;
}

async function measureRound(
  fleet: Fleet,
  { scenario, method, phase, state }: RoundOptions,
): Promise<{ measured: Round; commands: Command[] }> {
  const bad = await fleet.release(scenario, scenario.bad);
  const fetched = performance.now();
  if (scenario.revertedWhen === 'settled') await fleet.settled(bad);
  else await fleet.waiting(bad);
  if (method.waitsForInterval) await sleepUntil(fetched + nextPhase(performance.now() - fetched, phase));
  const env = { ...process.env, ...IDENTITY, EBB_CACHE_DIR: join(state, 'cache'), EBB_STATE_DIR: join(state, 'state') };
  const ebb = join(packageRoot(), 'dist', 'ebb.js');
  let commands: Command[] = [];
  const moments = await clock(fleet, { scenario, bad, release: fleet.goodRelease }, async () => {
    commands = await method.run({ fleet, bad, ebb, env });
  });
  await fleet.settled(await fleet.head());
  const took = commands.reduce((sum, { ms }) => sum + ms, 0);
  return { measured: { scenario: scenario.name, method: method.name, count: fleet.size, commands: took, ...moments }, commands };
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.com',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.com',
};

/** The first moment from now on, in milliseconds since a fetch, that is at this part of the interval. */
function nextPhase(since: number, phase: number): number {
  const interval = intervalMs as number;
  const offset = phase * interval;
  return offset + Math.max(0, Math.ceil((since - offset) / interval)) * interval;
}

function sleepUntil(moment: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - performance.now())));
}

async function report({ rounds: measured, memory }: Results): Promise<void> {
  const cells = cellsOf(measured, 'ebb');
  const words = {
    scenarios: new Map(SCENARIOS.map(({ name, says }) => [name, says])),
    methods: new Map(METHODS.map(({ name, says }) => [name, says])),
  };
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  console.log(`\n${machine}; medians; the source's interval is ${values.interval}\n\n${timesTable(cells, words)}\n`);
  if (methods.some(({ waitsForInterval }) => waitsForInterval) && intervalMs !== 300_000) {
    const more = (300_000 - (intervalMs as number)) / 2 / 1_000;
    console.log(
      `Waiting was measured with an interval of ${values.interval}. With 5m it is half of the difference more on average: ${more} s.\n`,
    );
  }
  console.log(`${memoryTable(memory)}\n\nof the control plane resident after the rounds; of git, flux and ebb the peak`);
  const file = values.out ?? join(packageRoot(), 'bench', 'results', `cluster-${new Date().toISOString().slice(0, 10)}.json`);
  await mkdir(join(file, '..'), { recursive: true });
  const data = { at: new Date().toISOString(), machine, options: values, cells, rounds: measured, memory: Object.fromEntries(memory) };
  await writeFile(file, `${JSON.stringify(data, null, 2)}\n`);
  console.log(`written to ${file}`);
}

await main();
