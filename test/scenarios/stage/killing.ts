/** Ends `ebb` as a crash would, at a moment that is known: after a line of its journal, or once something is so in the cluster. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalEntry } from '../../../src/core/journal.ts';
import { packageRoot } from '../../../src/example/assets.ts';
import type { Stage } from '../stage.ts';

const EBB = join(packageRoot(), 'dist', 'ebb.js');

export interface Killing {
  journal(id: string): Promise<JournalEntry[]>;
  /** Runs `ebb …` as a process of its own. */
  process(...args: string[]): { child: ChildProcess; ended: Promise<void> };
  /**
   * Runs `ebb … --yes` and kills it right after the first of these points, goes on with the rollback and kills it after the next one,
   * and so on. A point that was passed before is left out: some steps are over before a kill arrives.
   * @param points `ENTRY`, or `ENTRY KIND` of the step: `done commit`. @returns the rollback's id
   */
  killedAt(points: readonly string[], ...args: string[]): Promise<string>;
  /** Runs `ebb …` and kills it once this is so. @throws where it ends before */
  killedWhen(met: () => Promise<boolean>, ...args: string[]): Promise<void>;
  /** Is this in the journal since the rollback was planned last? */
  passed(id: string, point: string): Promise<boolean>;
}

export function killing(stage: Pick<Stage, 'home' | 'env' | 'developer'>): Killing {
  const folder = () => join(stage.home, 'state', 'rollbacks');

  async function journal(id: string): Promise<JournalEntry[]> {
    const text = await readFile(join(folder(), `${id}.jsonl`), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JournalEntry);
  }

  async function journals(): Promise<Map<string, number>> {
    const names = await readdir(folder()).catch(() => []);
    const ids = names.map((name) => name.replace('.jsonl', ''));
    return new Map(await Promise.all(ids.map(async (id) => [id, (await journal(id)).length] as const)));
  }

  async function passed(id: string, point: string): Promise<boolean> {
    const entries = await journal(id);
    const planned = entries.findLastIndex((entry) => entry.entry === 'planned');
    return entries.slice(planned).some((entry) => `${entry.entry} ${'kind' in entry ? entry.kind : ''}`.trim() === point);
  }

  function start(...args: string[]) {
    const child = spawn(process.execPath, [EBB, ...args], { cwd: stage.developer.folder, env: stage.env, stdio: 'ignore' });
    return { child, ended: new Promise<void>((resolve) => child.once('exit', () => resolve())) };
  }

  async function killedWhen(met: () => Promise<boolean>, ...args: string[]): Promise<void> {
    const { child, ended } = start(...args);
    try {
      while (child.exitCode === null && child.signalCode === null) {
        if (await met()) return;
        await pause(2);
      }
      throw new Error(`ebb ${args.join(' ')} ended with ${child.exitCode} too early`);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  }

  async function killedAfter(point: string, ...args: string[]): Promise<string> {
    const before = await journals();
    let found = '';
    const written = async () => {
      for (const [id, length] of await journals()) {
        found = id;
        if (length > (before.get(id) ?? 0) && (await passed(id, point))) return true;
      }
      return false;
    };
    await killedWhen(written, ...args).catch((error: Error) => {
      throw new Error(`waiting for "${point}": ${error.message}`);
    });
    return found;
  }

  async function killedAt(points: readonly string[], ...args: string[]): Promise<string> {
    const [first, ...others] = points as [string, ...string[]];
    const id = await killedAfter(first, ...args, '--yes');
    for (const point of others) {
      if (await passed(id, point)) continue;
      await killedAfter(point, 'resume-rollback', id, '--yes');
    }
    return id;
  }

  return { journal, process: start, killedAt, killedWhen, passed };
}
