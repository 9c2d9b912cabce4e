/**
 * Where builds are kept, outside the work tree:
 *
 *     modules/<module>-<what it is made of>-<Go>/   what one module gives: bin, crds, stages
 *     sets/<its modules>/                           all of them in one folder, linked
 *     unfinished/<process>-…/                       what is being made; moved to its place when whole
 *     building                                      who builds
 *     took.json                                     seconds that each module took last time
 *
 * All of it may be removed at any time when nothing runs from it.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { linkTree } from './folders.ts';
import { isAlive } from './lock.ts';
import { LINKER_FLAGS, programFlags } from './module-build.ts';
import { goModOf, type Module, moduleFolder } from './recipe.ts';
import { platform } from './toolchain.ts';

const DAY = 24 * 60 * 60 * 1000;
/** What nobody used for this long goes. */
const KEPT_FOR = 30 * DAY;

export class BuildCache {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The folder that a module's build with this Go has, or will have. */
  place(module: Module, goVersion: string): string {
    return join(this.root, 'modules', `${module.name}-${identity(module)}-${goVersion.replace(/[^\w.-]+/g, '-')}`);
  }

  has(module: Module, goVersion: string): boolean {
    return existsSync(this.place(module, goVersion));
  }

  /** The newest build of the module with whatever Go, or undefined. */
  anyBuild(module: Module): string | undefined {
    const start = `${module.name}-${identity(module)}-`;
    const folders = namesIn(join(this.root, 'modules')).filter((name) => name.startsWith(start));
    return folders.map((name) => join(this.root, 'modules', name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  }

  /** A folder to make something in, which nobody takes for whole. */
  unfinished(): string {
    const parent = join(this.root, 'unfinished');
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(join(parent, `${process.pid}-`));
  }

  /** Moves what is whole to its place; where another process was faster, that one's stays. */
  keep(unfinished: string, place: string): void {
    mkdirSync(join(place, '..'), { recursive: true });
    try {
      renameSync(unfinished, place);
    } catch (error) {
      if (!existsSync(place)) throw error;
      rmSync(unfinished, { recursive: true, force: true });
    }
  }

  /** Removes what this process did not finish. */
  dropUnfinished(): void {
    const parent = join(this.root, 'unfinished');
    const own = namesIn(parent).filter((name) => Number.parseInt(name, 10) === process.pid);
    for (const name of own) {
      try {
        // A go that is being ended may still write into it.
        rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      } catch {
        // The next build sweeps it away.
      }
    }
  }

  /** Removes what builds left behind that were killed. */
  sweep(): void {
    const parent = join(this.root, 'unfinished');
    for (const name of namesIn(parent)) {
      const isAtWork = isAlive(Number.parseInt(name, 10)) && Date.now() - statSync(join(parent, name)).mtimeMs < DAY;
      if (!isAtWork) rmSync(join(parent, name), { recursive: true, force: true });
    }
  }

  /** Removes what was not used for a month, except these. */
  prune(used: readonly string[]): void {
    for (const kind of ['modules', 'sets']) {
      const folders = namesIn(join(this.root, kind)).map((name) => join(this.root, kind, name));
      for (const folder of folders) {
        if (used.includes(folder) || Date.now() - statSync(folder).mtimeMs < KEPT_FOR) continue;
        // Half removed it must not be taken for whole.
        const doomed = join(this.unfinished(), basename(folder));
        renameSync(folder, doomed);
        rmSync(join(doomed, '..'), { recursive: true, force: true });
      }
    }
  }

  /** All of these builds in one folder, and programs that lie elsewhere, name to file. */
  set(builds: readonly string[], elsewhere: Record<string, string> = {}): string {
    const place = join(this.root, 'sets', digest([builds.map((build) => basename(build)), elsewhere]));
    if (!existsSync(place)) {
      const unfinished = this.unfinished();
      for (const build of builds) linkTree(build, unfinished);
      mkdirSync(join(unfinished, 'bin'), { recursive: true });
      for (const [name, file] of Object.entries(elsewhere)) symlinkSync(file, join(unfinished, 'bin', name));
      this.keep(unfinished, place);
    }
    for (const folder of [...builds, place]) noteUse(folder);
    return place;
  }

  /** Seconds that the module took when it was built last, or undefined. */
  lastDuration(module: Module): number | undefined {
    return this.#durations()[module.name];
  }

  noteDuration(module: Module, seconds: number): void {
    const folder = this.unfinished();
    writeFileSync(join(folder, 'took.json'), `${JSON.stringify({ ...this.#durations(), [module.name]: Math.round(seconds * 10) / 10 })}\n`);
    renameSync(join(folder, 'took.json'), join(this.root, 'took.json'));
    rmSync(folder, { recursive: true });
  }

  #durations(): Record<string, number> {
    try {
      return JSON.parse(readFileSync(join(this.root, 'took.json'), 'utf8')) as Record<string, number>;
    } catch {
      return {};
    }
  }
}

/** `EBB_CLUSTER_CACHE`, or `ebb/control-plane` in the user's cache. */
export function defaultCache(env: NodeJS.ProcessEnv): string {
  if (env.EBB_CLUSTER_CACHE) return env.EBB_CLUSTER_CACHE;
  // The XDG base directory specification has relative paths ignored.
  const home = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(home, 'ebb', 'control-plane');
}

/** Of everything but Go that decides what comes out. */
function identity(module: Module): string {
  const goMod = goModOf(module);
  const goSum = readFileSync(join(moduleFolder(module), 'go.sum'), 'utf8');
  const { programs, manifests, builtInCopyWith } = module;
  return digest([platform(), goMod, goSum, programFlags(module, goMod), LINKER_FLAGS, { programs, manifests, builtInCopyWith }]);
}

/** Keeps the folder from being pruned. */
function noteUse(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // A cache that cannot be written to serves as well; nothing is pruned from it either.
  }
}

function digest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
