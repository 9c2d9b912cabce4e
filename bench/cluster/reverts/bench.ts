/**
 * From `git push` of the revert of a release that never gets ready to the good spec in the cluster and to healthy: by plain Flux, with its
 * gate CancelHealthCheckOnNewRevision on, and by Ebb; for each kind of target and timeout, in one run.
 *
 *     npm run bench:cluster                                          all; 20 to 25 minutes
 *     npm run bench:cluster -- --write-docs                          the same, and writes the table into docs/explanation/speed.md
 *     npm run bench:cluster -- --kinds deployment --minutes 1 --rounds 1
 *     npm run bench:cluster -- --from FILE --write-docs              measures nothing: of a run that was stored
 *
 * Plain Flux waits for all of them at the same time; what takes seconds is measured one at a time.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../../src/example/assets.ts';
import { measure } from '../../measure.ts';
import { machine } from '../machine.ts';
import { EBB, FLUX } from '../methods.ts';
import { residentMiB } from '../processes.ts';
import { type Ground, openGround, versions } from './ground.ts';
import { KINDS, type Kind } from './kinds.ts';
import { Lane } from './lane.ts';
import { revertsSection, withReverts } from './page.ts';
import { parseResults, type Results, type Way } from './results.ts';
import { atOnce, inTurn, type Sheet, type Task } from './rounds.ts';

const WAYS: readonly Way[] = ['ebb', 'flux', 'gate'];

interface Options {
  kinds: Kind[];
  minutes: number[];
  /** Of Ebb, for each kind and timeout. */
  rounds: number;
  ways: Way[];
  writeDocs: boolean;
  out: string | undefined;
  from: string | undefined;
}

/** Exits with 2 where an option is wrong. */
function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      kinds: { type: 'string', default: KINDS.map(({ name }) => name).join(',') },
      minutes: { type: 'string', default: '1,2,4' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: WAYS.join(',') },
      'write-docs': { type: 'boolean', default: false },
      out: { type: 'string' },
      from: { type: 'string' },
    },
  });
  const kinds = values.kinds.split(',').map((name) => KINDS.find((kind) => kind.name === name));
  const minutes = values.minutes.split(',').map(Number);
  const ways = values.only.split(',') as Way[];
  const rounds = Number(values.rounds);
  const wholes = [...minutes, rounds].every((number) => Number.isInteger(number) && number >= 1);
  if (kinds.includes(undefined) || !wholes || !ways.every((way) => WAYS.includes(way))) {
    console.error(
      `--kinds takes some of ${KINDS.map(({ name }) => name).join(',')}; --minutes and --rounds whole numbers; --only some of ${WAYS}`,
    );
    process.exit(2);
  }
  return { kinds: kinds as Kind[], minutes, rounds, ways, writeDocs: values['write-docs'], out: values.out, from: values.from };
}

export async function reverts(args: string[], ended: AbortSignal): Promise<void> {
  const options = optionsOf(args);
  const results = options.from === undefined ? await measured(options, ended) : parseResults(await readFile(options.from, 'utf8'));
  await store(results, options);
  if (results.failed.length > 0) process.exitCode = 1;
}

async function measured(options: Options, ended: AbortSignal): Promise<Results> {
  const began = performance.now();
  const sheet: Sheet = { measurements: [], failed: [], peaks: {} };
  let resident: Record<string, number> = {};
  if (options.ways.includes('ebb') || options.ways.includes('flux'))
    await onLanes({ gate: false, options, ended }, async (lanes, ground) => {
      if (options.ways.includes('ebb')) {
        await warmUp(lanes, ground);
        await inTurn(ebbTasks(lanes, options), sheet, ended);
      }
      resident = await residentMiB(ground.plane);
      if (options.ways.includes('flux')) await atOnce(tasksOf(lanes, 'flux'), sheet, ended);
    });
  if (options.ways.includes('gate')) await onLanes({ gate: true, options, ended }, (lanes) => inTurn(tasksOf(lanes, 'gate'), sheet, ended));
  const { measurements, failed, peaks } = sheet;
  const memory = { ...Object.fromEntries(Object.entries(resident).map(([name, mib]) => [name, Math.round(mib)])), ...peaks };
  console.log(`took ${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
  return { at: new Date().toISOString(), machine: machine(), versions: versions(), measurements, failed, memory };
}

interface Stage {
  gate: boolean;
  options: Options;
  ended: AbortSignal;
}

/** Boots, deploys every application, and ends all of it whatever happens. */
async function onLanes({ gate, options, ended }: Stage, act: (lanes: Lane[], ground: Ground) => Promise<void>): Promise<void> {
  console.log(`a control plane ${gate ? 'with' : 'without'} CancelHealthCheckOnNewRevision …`);
  const ground = await openGround(gate, ended);
  const lanes: Lane[] = [];
  try {
    const wanted = options.minutes.flatMap((minutes) => options.kinds.map((kind) => ({ kind, minutes })));
    const laying = wanted.map(({ kind, minutes }) => Lane.lay(ground, kind, minutes));
    for (const laid of await Promise.allSettled(laying)) if (laid.status === 'fulfilled') lanes.push(laid.value);
    await Promise.all(laying);
    await act(lanes, ground);
  } finally {
    for (const lane of lanes) await lane.leave();
    await ground.stop();
  }
}

/** Kinds take turns, and so do timeouts. */
function tasksOf(lanes: readonly Lane[], way: 'flux' | 'gate'): Task[] {
  return lanes.map((lane) => ({ lane, way, method: FLUX, phase: 0.5 }));
}

/** Spread evenly over the time between two looks, within each row of the table and over all rows of a kind. */
function ebbTasks(lanes: readonly Lane[], { minutes, rounds }: Options): Task[] {
  return Array.from({ length: rounds }, (_, round) =>
    lanes.map((lane): Task => {
      const row = minutes.indexOf(lane.place.minutes);
      return { lane, way: 'ebb', method: EBB, phase: (round + (row + 0.5) / minutes.length) / rounds };
    }),
  ).flat();
}

/** Ebb's mirrors of the repositories are made by whoever looks first. */
async function warmUp(lanes: readonly Lane[], { env, ebb, plane, ended }: Ground): Promise<void> {
  for (const lane of lanes) await measure(process.execPath, [ebb, 'history', lane.subject], { env, cwd: plane.folder, signal: ended });
}

/** Prints it, stores it where it was measured just now, and writes the page where that is asked for. */
async function store(results: Results, { writeDocs, out, from }: Options): Promise<void> {
  const root = packageRoot();
  const text = `${JSON.stringify(results, null, 2)}\n`;
  const section = revertsSection(results);
  console.log(`\n${section}\n`);
  if (from === undefined) await write(out ?? join(root, 'bench', 'results', `reverts-${results.at.slice(0, 10)}.json`), text);
  if (!writeDocs) return;
  const page = join(root, 'docs', 'explanation', 'speed.md');
  await write(page, withReverts(await readFile(page, 'utf8'), section));
  await write(join(root, 'bench', 'cluster', 'reverts', 'measured.json'), text);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`written: ${file}`);
}
