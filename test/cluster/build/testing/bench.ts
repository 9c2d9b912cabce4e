/** A folder with a stand-in for go and a cache, and what a test does with them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { packageRoot } from '../../../../src/example/assets.ts';
import { ensurePrograms, type Programs } from '../programs.ts';

export interface Run {
  programs: Programs;
  /** What a person reads meanwhile. */
  lines: string[];
}

export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'ebb-cluster-build-'));
  readonly cache = join(this.folder, 'cache');
  readonly #go = join(this.folder, 'go');
  #bundle: string | undefined;
  readonly #children: ChildProcess[] = [];

  constructor() {
    mkdirSync(join(this.#go, 'bin'), { recursive: true });
    copyFileSync(join(import.meta.dirname, 'fake-go.sh'), join(this.#go, 'bin', 'go'));
    chmodSync(join(this.#go, 'bin', 'go'), 0o755);
    for (const [path, content] of Object.entries(MODULE)) {
      const file = join(this.#go, 'module', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode: 0o444 });
    }
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const folder of [this.folder, ...(this.#bundle ? [dirname(this.#bundle)] : [])]) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    }
  }

  /** The environment with the stand-in, without any other go. */
  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: join(this.#go, 'bin'), FAKE_GO: this.#go, ...more };
  }

  async ensure(more: NodeJS.ProcessEnv = {}): Promise<Run> {
    const lines: string[] = [];
    const programs = await ensurePrograms({ cacheDir: this.cache, env: this.env(more), report: (line) => lines.push(line) });
    return { programs, lines };
  }

  /** The same in a process of its own, which reports on its standard error. */
  async ensureElsewhere(): Promise<ChildProcess> {
    this.#bundle ??= await bundle();
    const child = spawn(process.execPath, [this.#bundle, this.cache], { env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    return child;
  }

  /** Builds of programs so far, by name. */
  get built(): string[] {
    return this.calls.map((call) => call.split(' ')[0] ?? '');
  }

  get calls(): string[] {
    const file = join(this.#go, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  hold(program: string): void {
    writeFileSync(join(this.#go, `hold-${program}`), '');
  }

  letGo(program: string): void {
    rmSync(join(this.#go, `hold-${program}`));
  }

  /** The process that builds the program, once there is one. */
  async processOf(program: string): Promise<number> {
    const file = join(this.#go, `at-${program}`);
    await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
    return Number(readFileSync(file, 'utf8'));
  }

  fail(program: string, text: string): void {
    writeFileSync(join(this.#go, `fail-${program}`), `${text}\n`);
  }

  mend(program: string): void {
    rmSync(join(this.#go, `fail-${program}`));
  }

  /** Names in a folder of the cache; none where it is not there. */
  names(folder: string): string[] {
    return existsSync(join(this.cache, folder)) ? readdirSync(join(this.cache, folder)).sort() : [];
  }
}

/** What the modules of the controllers, of kwok and of the command line have in common here: one has it all. */
const MODULE = {
  'config/crd/bases/kinds.yaml': 'kind: CustomResourceDefinition\n',
  'config/crd/bases/README.md': 'no manifest\n',
  'kustomize/stage/node/fast/node.yaml': 'apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Stage\n',
  'kustomize/stage/node/fast/kustomization.yaml': 'kind: Kustomization\n',
  'kustomize/stage/pod/fast/pod.yaml': 'apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Stage\n',
  'cmd/flux/main.go': 'package main\n',
};

async function bundle(): Promise<string> {
  // Below the root of the repository, as all that looks for its files must be.
  const parent = join(packageRoot(), 'node_modules', '.cache');
  mkdirSync(parent, { recursive: true });
  const outfile = join(mkdtempSync(join(parent, 'ebb-cluster-build-')), 'ensure.mjs');
  const contents = `
    import { ensurePrograms } from './programs.ts';
    console.log(JSON.stringify(await ensurePrograms({ cacheDir: process.argv[2] })));`;
  const stdin = { contents, resolveDir: join(import.meta.dirname, '..'), loader: 'ts' as const };
  await build({ stdin, outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' });
  return outfile;
}

/** Waits until it holds. @throws Error after 20 s. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited 20 s for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
