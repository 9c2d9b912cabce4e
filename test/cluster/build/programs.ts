/** The programs of a control plane, built if need be. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildMissing } from './build-missing.ts';
import { BuildCache, defaultCache } from './cache.ts';
import { linesTo, type Paper, standardError } from './progress.ts';
import { goModOf, MODULES, type Module, PROGRAMS } from './recipe.ts';
import { findToolchain, isAtLeast, neededGo, type Toolchain } from './toolchain.ts';

/** Why a control plane cannot be had on this machine, and what would change that. */
export interface Unavailable {
  why: string;
  remedy: string;
}

/** A folder with `bin/<program>`, `crds/<controller>/*.yaml` and `stages/{node,pod}/*.yaml`; what is in it needs no Go. */
export type Programs = { folder: string; unavailable?: undefined } | { folder?: undefined; unavailable: Unavailable };

export interface EnsureProgramsOptions {
  /** Takes what a person may want to read while it is built, a line at a time; standard error without it. */
  report?: (line: string) => void;
  /** Where builds are kept; `EBB_CLUSTER_CACHE`, or a folder in the user's cache, without it. */
  cacheDir?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * Builds what is not built yet: minutes the first time, a moment afterwards. `EBB_CLUSTER_PROGRAMS` names a folder of programs built
 * elsewhere, either with the layout of what is returned or the programs alone.
 * @throws GoFailed with what go said where a build fails.
 * @throws Error where `EBB_CLUSTER_PROGRAMS` is no folder or lacks a program.
 */
export async function ensurePrograms({ report, cacheDir, env = process.env }: EnsureProgramsOptions = {}): Promise<Programs> {
  const paper = report ? linesTo(report) : standardError();
  const cache = new BuildCache(resolve(cacheDir ?? defaultCache(env)));
  if (env.EBB_CLUSTER_PROGRAMS) return givenPrograms(resolve(env.EBB_CLUSTER_PROGRAMS), { cache, paper, env });
  const builds = await ensureBuilds(MODULES, { cache, paper, env });
  return Array.isArray(builds) ? { folder: cache.set(builds) } : { unavailable: builds };
}

interface Surroundings {
  cache: BuildCache;
  paper: Paper;
  env: NodeJS.ProcessEnv;
}

async function givenPrograms(given: string, surroundings: Surroundings): Promise<Programs> {
  if (!existsSync(given)) throw new Error(`EBB_CLUSTER_PROGRAMS is ${given}, which is not there`);
  const isWholeLayout = existsSync(join(given, 'bin'));
  const folder = isWholeLayout ? join(given, 'bin') : given;
  const lacking = [
    ...PROGRAMS.filter((name) => !existsSync(join(folder, name))),
    ...(isWholeLayout ? ['crds', 'stages'].filter((name) => !existsSync(join(given, name))) : []),
  ];
  if (lacking.length > 0) throw new Error(`EBB_CLUSTER_PROGRAMS is ${given}, which lacks ${lacking.join(', ')}`);
  if (isWholeLayout) return { folder: given };
  const manifestsOnly = MODULES.filter((module) => module.manifests.length > 0).map((module) => ({ ...module, programs: [] }));
  const builds = await ensureBuilds(manifestsOnly, surroundings);
  if (!Array.isArray(builds))
    return { unavailable: { ...builds, why: `${given} has the programs alone, without crds and stages: ${builds.why}` } };
  return { folder: surroundings.cache.set(builds, Object.fromEntries(PROGRAMS.map((name) => [name, join(folder, name)]))) };
}

/** The folder of each module's build, or why one cannot be made. */
async function ensureBuilds(modules: readonly Module[], { cache, paper, env }: Surroundings): Promise<string[] | Unavailable> {
  const toolchain = await findToolchain(env);
  const unavailable = toolchain === undefined ? NO_GO : tooOld(modules, toolchain);
  if (toolchain === undefined || unavailable !== undefined) {
    const builds = modules.flatMap((module) => cache.anyBuild(module) ?? []);
    return builds.length === modules.length ? builds : (unavailable ?? NO_GO);
  }
  await buildMissing(modules, { cache, paper, toolchain });
  return modules.map((module) => cache.place(module, toolchain.version));
}

const NO_GO: Unavailable = {
  why: 'there is no go on PATH to build it, and it was not built before',
  remedy: 'install Go (https://go.dev/dl), or set EBB_CLUSTER_PROGRAMS to a folder of programs built elsewhere',
};

function tooOld(modules: readonly Module[], toolchain: Toolchain): Unavailable | undefined {
  const needed = modules.map((module) => ({ name: module.name, go: neededGo(goModOf(module)) }));
  const unmet = needed.filter(({ go }) => !isAtLeast(toolchain.version, go));
  const newest = unmet.reduce((highest, { go }) => (isAtLeast(`go${highest}`, go) ? highest : go), '1.0');
  if (unmet.length === 0) return undefined;
  return {
    why: `${toolchain.version} is too old to build ${unmet.map(({ name }) => name).join(', ')}, and it was not built before`,
    remedy: `install Go ${newest} or newer (https://go.dev/dl), or set EBB_CLUSTER_PROGRAMS to a folder of programs built elsewhere`,
  };
}
