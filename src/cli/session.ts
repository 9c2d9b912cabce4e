/** The composition root of a command: builds adapters when they are first needed, and closes them. */
import { join } from 'node:path';
import type { Target } from '../api/target.ts';
import type { Engine, EngineEvent } from '../engine/engine.ts';
import type { Clock, Cluster, GitRepo, Journal, Renderer } from '../ports.ts';
import { cacheFolder, stateFolder } from './folders.ts';
import type { Globals } from './globals.ts';
import type { Io } from './terminal.ts';

/** The whole command line, for commands that run others: the demo. */
export type Main = (argv: string[], io: Io) => Promise<number>;

export class Session {
  readonly globals: Globals;
  readonly io: Io;
  readonly main: Main;
  #cluster: Promise<Cluster> | undefined;
  #renderer: Promise<Renderer> | undefined;
  #closers: (() => Promise<void> | void)[] = [];

  constructor(globals: Globals, io: Io, main: Main) {
    this.globals = globals;
    this.io = io;
    this.main = main;
  }

  readonly clock: Clock = {
    now: () => new Date(),
    sleep: async (ms, signal) => (await import('../adapters/clock/system-clock.ts')).systemClock.sleep(ms, signal),
  };

  cluster(): Promise<Cluster> {
    this.#cluster ??= import('../adapters/kube/cluster.ts').then(async ({ openCluster }) => {
      const { kubeconfig, context } = this.globals;
      const cluster = await openCluster({ ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}), env: this.io.env });
      this.#onClose(cluster);
      return cluster;
    });
    return this.#cluster;
  }

  renderer(): Promise<Renderer> {
    this.#renderer ??= import('../adapters/render/renderer.ts').then(async ({ findRenderer }) => {
      const renderer = await findRenderer({ env: this.io.env });
      renderer.warmUp();
      this.#onClose(renderer);
      return renderer;
    });
    return this.#renderer;
  }

  async journal(): Promise<Journal> {
    const { fileJournal } = await import('../adapters/journal/file-journal.ts');
    return fileJournal(join(stateFolder(this.io.env), 'rollbacks'));
  }

  /** The repository that a target is built from, through the mirror in the cache. */
  async repository(target: Target): Promise<GitRepo> {
    const { locateRepository } = await import('./locate-repository.ts');
    const repo = await locateRepository(this, target, join(cacheFolder(this.io.env), 'repositories'));
    this.#onClose(repo);
    return repo;
  }

  async engine(target: Target, listen: (event: EngineEvent) => void): Promise<Engine> {
    const [cluster, renderer, journal, repo] = await Promise.all([
      this.cluster(),
      this.renderer(),
      this.journal(),
      this.repository(target),
    ]);
    return { cluster, repo, renderer, clock: this.clock, journal, signal: this.io.signal, listen };
  }

  #onClose(adapter: object): void {
    const close = (adapter as { close?: () => Promise<void> | void }).close;
    if (close) this.#closers.push(() => close.call(adapter));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()));
    this.#closers = [];
  }
}
