/**
 * How long a rollback takes on the real control plane, side by side in one run, and how that grows with the Kustomizations on the same
 * source: from the revert in Git to the good spec in the cluster and to healthy, by waiting, by flux, and by Ebb.
 *
 *     npm run bench:cluster -- growth                                 1, 10, 100 and 500 Kustomizations; takes about an hour
 *     npm run bench:cluster -- growth --counts 1,10 --rounds 1        a few minutes
 *     npm run bench:cluster -- growth --interval 5m                   really waits for Flux's interval of the guide
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '../../src/api/duration.ts';
import { packageRoot } from '../../src/example/assets.ts';
import { Fleet } from './fleet.ts';
import { commandEnv, machine } from './machine.ts';
import { type Command, METHODS, type Method } from './methods.ts';
import { startPlane } from './plane.ts';
import { residentMiB } from './processes.ts';
import { DEFAULT_SCENARIOS, SCENARIOS, type Scenario } from './scenarios.ts';
import { clock } from './stopwatch.ts';
import { cellsOf, memoryTable, type Round, timesTable } from './table.ts';

interface Options {
  counts: number[];
  methods: Method[];
  scenarios: Scenario[];
  rounds: number;
  /** `spec.interval` of the source. */
  interval: string;
  intervalMs: number;
  cancelHealthCheck: boolean;
  out: string | undefined;
}

/** Exits with 2 where an option is wrong. */
function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
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
  const rounds = Number(values.rounds);
  const intervalMs = parseDuration(values.interval);
  if (intervalMs === undefined || counts.some((count) => !Number.isInteger(count) || count < 1) || !(rounds >= 1)) {
    console.error('--counts takes whole numbers, --rounds a number, --interval a duration such as 30s');
    process.exit(2);
  }
  return {
    counts,
    methods: named(METHODS, values.only, '--only'),
    scenarios: named(SCENARIOS, values.scenarios, '--scenarios'),
    rounds,
    interval: values.interval,
    intervalMs,
    cancelHealthCheck: values['cancel-health-check'],
    out: values.out,
  };
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

export async function growth(args: string[], ended: AbortSignal): Promise<void> {
  const options = optionsOf(args);
  const plane = await startPlane({ featureGates: { cancelHealthCheckOnNewRevision: options.cancelHealthCheck } }, ended);
  try {
    const fleet = await Fleet.start({ plane, most: Math.max(...options.counts), interval: options.interval, ended });
    try {
      const results: Results = { rounds: [], memory: new Map() };
      for (const count of options.counts) await measureCount(fleet, count, options, results);
      await report(results, options);
    } finally {
      await fleet.stop();
    }
  } finally {
    await plane.stop();
  }
}

async function measureCount(fleet: Fleet, count: number, options: Options, results: Results): Promise<void> {
  const { scenarios, methods, rounds } = options;
  console.log(`${count} Kustomizations …`);
  await fleet.grow(count);
  const peaks: Record<string, number> = {};
  for (const scenario of scenarios) {
    await fleet.prepare(scenario);
    // In turn, so that all meet the same machine.
    for (let round = 0; round < rounds; round++) {
      for (const method of methods) {
        const { measured, commands } = await measureRound(fleet, { scenario, method, phase: (round + 0.5) / rounds, ...options });
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
  intervalMs: number;
}

async function measureRound(
  fleet: Fleet,
  { scenario, method, phase, intervalMs }: RoundOptions,
): Promise<{ measured: Round; commands: Command[] }> {
  const bad = await fleet.release(scenario, scenario.bad);
  const fetched = performance.now();
  if (scenario.revertedWhen === 'settled') await fleet.settled(bad);
  else await fleet.waiting(bad);
  const since = performance.now() - fetched;
  if (method.waitsForInterval) await fleet.sleep(nextPhase(since, phase, intervalMs) - since);
  const attempt = {
    folder: fleet.developer.folder,
    kustomizations: [fleet.subject],
    bad,
    ebb: join(packageRoot(), 'dist', 'ebb.js'),
    env: commandEnv(fleet.plane),
    ended: fleet.ended,
  };
  let commands: Command[] = [];
  const moments = await clock(
    fleet.watched(scenario, bad),
    async (over) => {
      commands = await method.run(attempt, over);
    },
    fleet.ended,
  );
  await fleet.settled(await fleet.head());
  const took = commands.reduce((sum, { ms }) => sum + ms, 0);
  return { measured: { scenario: scenario.name, method: method.name, count: fleet.size, commands: took, ...moments }, commands };
}

/** The first moment from now on, in milliseconds since a fetch, that is at this part of the interval. */
function nextPhase(since: number, phase: number, interval: number): number {
  const offset = phase * interval;
  return offset + Math.max(0, Math.ceil((since - offset) / interval)) * interval;
}

async function report({ rounds: measured, memory }: Results, options: Options): Promise<void> {
  const { methods, interval, intervalMs } = options;
  const cells = cellsOf(measured, 'ebb');
  const words = {
    scenarios: new Map(SCENARIOS.map(({ name, says }) => [name, says])),
    methods: new Map(METHODS.map(({ name, says }) => [name, says])),
  };
  console.log(`\n${machine()}; medians; the source's interval is ${interval}\n\n${timesTable(cells, words)}\n`);
  if (methods.some(({ waitsForInterval }) => waitsForInterval) && intervalMs !== 300_000) {
    const more = (300_000 - intervalMs) / 2 / 1_000;
    console.log(`Waiting was measured with an interval of ${interval}. With 5m it is half of the difference more on average: ${more} s.\n`);
  }
  console.log(`${memoryTable(memory)}\n\nof the control plane resident after the rounds; of git, flux and ebb the peak`);
  const file = options.out ?? join(packageRoot(), 'bench', 'results', `cluster-${new Date().toISOString().slice(0, 10)}.json`);
  await mkdir(join(file, '..'), { recursive: true });
  const data = { at: new Date().toISOString(), machine: machine(), options, cells, rounds: measured, memory: Object.fromEntries(memory) };
  await writeFile(file, `${JSON.stringify(data, null, 2)}\n`);
  console.log(`written to ${file}`);
}
