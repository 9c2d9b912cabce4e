import { type ExecFileException, execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { splitDocuments } from '../../core/rendering/manifests.ts';
import { type BuildEngine, type BuildResult, relativeTo } from './build-engine.ts';

/** How long one build may take, in milliseconds. */
const BUILD_WITHIN = 120_000;

/** Bytes of output to hold at most. */
const OUTPUT_LIMIT = 256 * 1024 * 1024;

/** `kustomize build` or `kubectl kustomize`: one process for each build, on a directory that lasts as long as it. */
export class CommandEngine implements BuildEngine {
  readonly name: string;
  readonly #program: string;
  readonly #subcommand: string;
  readonly #places = new Places(availableParallelism());

  constructor(options: { name: string; program: string; subcommand: 'build' | 'kustomize' }) {
    this.name = options.name;
    this.#program = options.program;
    this.#subcommand = options.subcommand;
  }

  async build(files: ReadonlyMap<string, Uint8Array>, directory: string): Promise<BuildResult> {
    await this.#places.take();
    try {
      return await inTemporaryDirectory(async (root) => {
        const source = join(root, 'files');
        await writeFiles(files, source);
        await mkdir(join(source, directory), { recursive: true });
        return this.#run(root, source, join(source, directory));
      });
    } finally {
      this.#places.give();
    }
  }

  async close(): Promise<void> {}

  #run(home: string, source: string, directory: string): Promise<BuildResult> {
    const args = [this.#subcommand, '--load-restrictor=LoadRestrictionsNone', '--', directory];
    const options = {
      // No git on PATH to fetch remote bases with, and no configuration of the user's.
      env: { PATH: '', HOME: home },
      cwd: home,
      maxBuffer: OUTPUT_LIMIT,
      timeout: BUILD_WITHIN,
      killSignal: 'SIGKILL' as const,
    };
    return new Promise((resolve) => {
      execFile(this.#program, args, options, (fault, stdout, stderr) => {
        if (!fault) resolve({ ok: true, documents: splitDocuments(stdout) });
        else resolve(this.#failed(fault, errorOf(stderr, source)));
      });
    });
  }

  #failed(fault: ExecFileException, said: string): BuildResult {
    if (fault.killed) return { ok: false, message: `${this.name} did not end within ${BUILD_WITHIN / 1000} s`, fault: 'engine' };
    if (said !== '') return { ok: false, message: said, fault: 'manifests' };
    return { ok: false, message: `${this.name} could not be run (${fault.code ?? fault.signal})`, fault: 'engine' };
  }
}

/** The error among what a command said, without its warnings. */
function errorOf(stderr: string, root: string): string {
  const lines = stderr.split('\n').filter((line) => !line.startsWith('# Warning:'));
  const said = lines.join('\n').trim();
  return relativeTo(root, loggedError(said) ?? said.replace(/^error: /i, ''));
}

/** Some builds of kubectl log the error instead of printing it: `err="…"`, or `err=<` and indented lines up to ` >`. */
function loggedError(said: string): string | undefined {
  const logged = /^E\d{4} .*? err=(?:"(?<quoted>(?:[^"\\]|\\.)*)"|<\n(?<lines>.*)\n >)$/s.exec(said)?.groups;
  if (logged?.lines !== undefined) return logged.lines.replace(/^\t/gm, '');
  return logged?.quoted?.replace(/\\(.)/gs, (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character);
}

async function writeFiles(files: ReadonlyMap<string, Uint8Array>, root: string): Promise<void> {
  const paths = [...files.keys()];
  for (const directory of new Set(paths.map((path) => dirname(join(root, path))))) await mkdir(directory, { recursive: true });
  await Promise.all([...files].map(([path, content]) => writeFile(join(root, path), content)));
}

/** Runs `work` in a new directory and removes it, also when this process ends in between. */
async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'ebb-build-')));
  const removeNow = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', removeNow);
  try {
    return await work(directory);
  } finally {
    process.removeListener('exit', removeNow);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Lets so many go on at a time. */
class Places {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  give(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#free++;
  }
}
