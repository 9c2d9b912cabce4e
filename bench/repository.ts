/**
 * A generated GitOps repository of any size for measurements: `apps/<app>/{base,overlays/<overlay>}` and
 * `clusters/<overlay>/<app>.yaml`, with a history of image bumps and the few other changes that such repositories see. The same options
 * give the same commits, byte for byte.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { type AppFiles, appFiles, clusterFile, overlayFiles } from './repository-files.ts';

export interface GenerateOptions {
  /** Where the bare repository goes; must not exist, or be empty. */
  dir: string;
  commits: number;
  apps: number;
  /** Names of the overlays of every application; `dev`, `staging` and `prod` by default. */
  overlays?: readonly string[];
}

export interface GeneratedRepository {
  dir: string;
  branch: 'main';
  head: string;
  apps: string[];
}

const START = Date.UTC(2020, 0, 1) / 1000;
const SECONDS_BETWEEN_COMMITS = 1_500;
const AUTHORS = ['Ada Moreno', 'Jonas Weber', 'Priya Nair', 'Lena Fischer', 'Tom Okafor', 'image-automation'];

/**
 * Writes a bare repository with `commits` commits on `main` by `git fast-import`: some seconds for 100,000.
 * @throws Error with fast-import's words when it fails.
 */
export async function generateRepository(options: GenerateOptions): Promise<GeneratedRepository> {
  const overlays = options.overlays ?? ['dev', 'staging', 'prod'];
  const names = Array.from({ length: options.apps }, (_, index) => `app-${String(index).padStart(4, '0')}`);
  await mkdir(options.dir, { recursive: true });
  await git(['init', '--bare', '--quiet', '--initial-branch=main', '--template=', options.dir]);
  const importer = new Importer(options.dir);
  const world = new World(names, overlays);
  await importer.commit(commitOf(0, 'Lay out the applications', AUTHORS[0] ?? '', world.everyFile()));
  for (let number = 1; number < options.commits; number += 1) {
    const change = world.change();
    await importer.commit(commitOf(number, change.subject, change.author, change.files));
  }
  await importer.end();
  const head = await git(['--git-dir', options.dir, 'rev-parse', 'refs/heads/main']);
  return { dir: options.dir, branch: 'main', head: head.trim(), apps: names };
}

interface Change {
  subject: string;
  author: string;
  files: AppFiles;
}

/** What is deployed, and how it goes on: mostly one image of one overlay, now and then something else. */
class World {
  readonly #names: string[];
  readonly #overlays: readonly string[];
  readonly #random = randomNumbers(20_260_101);
  readonly #versions: number[];
  readonly #replicas: number[];
  readonly #settings: number[];
  readonly #resources: number[];

  constructor(names: string[], overlays: readonly string[]) {
    this.#names = names;
    this.#overlays = overlays;
    const slots = names.length * overlays.length;
    this.#versions = new Array(slots).fill(0);
    this.#replicas = new Array(slots).fill(2);
    this.#settings = new Array(slots).fill(0);
    this.#resources = new Array(names.length).fill(0);
  }

  everyFile(): AppFiles {
    const files: AppFiles = {};
    this.#names.forEach((name, app) => {
      Object.assign(files, appFiles(name, this.#resources[app] ?? 0));
      this.#overlays.forEach((overlay, index) => {
        Object.assign(files, this.#overlay(app, index), clusterFile(name, overlay));
      });
    });
    return files;
  }

  change(): Change {
    const app = this.#pick(this.#names.length);
    const overlay = this.#pick(this.#overlays.length);
    const name = this.#names[app] ?? '';
    const where = this.#overlays[overlay] ?? '';
    const slot = app * this.#overlays.length + overlay;
    const author = AUTHORS[this.#pick(AUTHORS.length - 1)] ?? '';
    const kind = this.#pick(100);
    if (kind < 88) {
      const version = bump(this.#versions, slot);
      const files = only(this.#overlay(app, overlay), 'kustomization.yaml');
      return { subject: `${name}: ${where} to 1.${Math.floor(version / 10)}.${version % 10}`, author: AUTHORS.at(-1) ?? '', files };
    }
    if (kind < 92) {
      this.#replicas[slot] = 2 + this.#pick(8);
      return {
        subject: `${name}: ${this.#replicas[slot]} replicas in ${where}`,
        author,
        files: only(this.#overlay(app, overlay), 'replicas.yaml'),
      };
    }
    if (kind < 97) {
      bump(this.#settings, slot);
      return { subject: `${name}: tune the ${where} settings`, author, files: only(this.#overlay(app, overlay), 'settings.env') };
    }
    const files = only(appFiles(name, bump(this.#resources, app)), 'deployment.yaml');
    return { subject: `${name}: more memory`, author, files };
  }

  #overlay(app: number, overlay: number): AppFiles {
    const slot = app * this.#overlays.length + overlay;
    return overlayFiles({
      name: this.#names[app] ?? '',
      overlay: this.#overlays[overlay] ?? '',
      version: this.#versions[slot] ?? 0,
      replicas: this.#replicas[slot] ?? 2,
      settings: this.#settings[slot] ?? 0,
    });
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

function bump(values: number[], index: number): number {
  const next = (values[index] ?? 0) + 1;
  values[index] = next;
  return next;
}

function only(files: AppFiles, name: string): AppFiles {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.endsWith(`/${name}`)));
}

/** mulberry32: small, fast and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One commit in the format of git-fast-import(1); each follows the one before on the same branch. */
function commitOf(number: number, subject: string, author: string, files: AppFiles): string {
  const person = `${author} <${author.toLowerCase().replaceAll(' ', '.')}@example.com> ${START + number * SECONDS_BETWEEN_COMMITS} +0000`;
  const changes = Object.entries(files).map(([path, content]) => `M 100644 inline ${path}\n${data(content)}`);
  return `commit refs/heads/main\nauthor ${person}\ncommitter ${person}\n${data(`${subject}\n`)}${changes.join('')}\n`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

class Importer {
  readonly #child;
  readonly #done: Promise<void>;
  #pending: string[] = [];
  #size = 0;

  constructor(dir: string) {
    this.#child = spawn('git', ['--git-dir', dir, 'fast-import', '--quiet', '--done'], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#done = finished(this.#child, 'fast-import');
    this.#done.catch(() => undefined);
    this.#child.stdin.on('error', () => undefined);
  }

  async commit(text: string): Promise<void> {
    this.#pending.push(text);
    this.#size += text.length;
    if (this.#size > 1 << 18) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    this.#child.stdin.end('done\n');
    await this.#done;
  }

  async #flush(): Promise<void> {
    const room = this.#child.stdin.write(this.#pending.join(''));
    this.#pending = [];
    this.#size = 0;
    if (!room) await Promise.race([once(this.#child.stdin, 'drain'), this.#done]);
  }
}

async function git(args: string[]): Promise<string> {
  const child = spawn('git', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  await finished(child, args[0] ?? '');
  return output;
}

function finished(child: ReturnType<typeof spawn>, command: string): Promise<void> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`git ${command} ended with ${code}: ${errors.trim()}`))));
  });
}
