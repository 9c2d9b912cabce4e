/** Builds the modules that are not in the cache, one process at a time, and tells how it gets on. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildCache } from './cache.ts';
import { acquire } from './lock.ts';
import { buildModule } from './module-build.ts';
import { type Paper, span, whileBeating } from './progress.ts';
import type { Module } from './recipe.ts';
import { endGo, type Toolchain } from './toolchain.ts';

export interface Builder {
  toolchain: Toolchain;
  cache: BuildCache;
  paper: Paper;
}

/**
 * Leaves a build of each module in the cache. Where it ends early, whether by a failure or by a signal, what was whole by then stays.
 * @throws GoFailed with what go said.
 */
export async function buildMissing(modules: readonly Module[], builder: Builder): Promise<void> {
  const { cache, paper, toolchain } = builder;
  const missing = () => modules.filter((module) => !cache.has(module, toolchain.version));
  if (missing().length === 0) return;
  const lock = await acquire(join(cache.root, 'building'), (pid) => {
    paper.line(`process ${pid} builds the control plane already: waiting for it`);
  });
  const undo = () => {
    endGo();
    paper.rest();
    cache.dropUnfinished();
    lock.release();
  };
  const stopListening = beforeTheEnd(undo);
  try {
    cache.sweep();
    // The process that we waited for may have built them.
    if (missing().length > 0) await buildAll(missing(), builder);
    cache.prune(modules.map((module) => cache.place(module, toolchain.version)));
  } finally {
    stopListening();
    undo();
  }
}

async function buildAll(modules: readonly Module[], builder: Builder): Promise<void> {
  const { paper } = builder;
  const begun = Date.now();
  for (const line of announcement(modules, builder)) paper.line(line);
  for (const [index, module] of modules.entries()) await buildOne(module, `[${index + 1}/${modules.length}] ${module.name}`, builder);
  paper.line(`all of it is there: ${span((Date.now() - begun) / 1000)}`);
}

function announcement(modules: readonly Module[], { cache, toolchain }: Builder): string[] {
  const withPrograms = modules.filter(hasPrograms);
  if (withPrograms.length === 0) return [`copying manifests of the real control plane into ${cache.root}`];
  const last = withPrograms.map((module) => cache.lastDuration(module) ?? Number.NaN).reduce((sum, seconds) => sum + seconds, 0);
  return [
    `building ${modules.length} modules of the real control plane with ${toolchain.version}, to be kept in ${cache.root}`,
    Number.isNaN(last) ? 'this takes about a quarter of an hour where Go has built none of it before' : `last time it took ${span(last)}`,
  ];
}

function hasPrograms(module: Module): boolean {
  return module.programs.length > 0;
}

async function buildOne(module: Module, label: string, { cache, paper, toolchain }: Builder): Promise<void> {
  const last = cache.lastDuration(module);
  const what = [...module.programs.map((program) => program.name), ...(module.manifests.length > 0 ? ['manifests'] : [])].join(', ');
  const begun = Date.now();
  const folder = cache.unfinished();
  let step = what;
  const onStep = (now: string) => {
    step = now;
  };
  paper.line(`${label}: ${what}${last === undefined || !hasPrograms(module) ? '' : ` (${span(last)} last time)`}`);
  try {
    await whileBeating(
      paper,
      () => `${label}: ${step}`,
      () => buildModule({ module, toolchain, folder, onStep }),
    );
    cache.keep(folder, cache.place(module, toolchain.version));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = (Date.now() - begun) / 1000;
  if (hasPrograms(module)) cache.noteDuration(module, seconds);
  paper.line(`${label}: built in ${span(seconds)}`);
}

/** Calls `undo` before this process ends by a signal or by itself. @returns what ends that. */
function beforeTheEnd(undo: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals) => {
    stop();
    undo();
    // Nobody else listens to it, so the process ends as it would have.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const stop = () => {
    process.off('exit', undo);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.once('exit', undo);
  for (const signal of signals) process.once(signal, onSignal);
  return stop;
}
