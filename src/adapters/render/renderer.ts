import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../core/failure.ts';
import type { BuildEngine } from './build-engine.ts';
import { CommandEngine } from './command-engine.ts';
import { FluxRenderer } from './flux-renderer.ts';
import { GoEngine } from './go-engine.ts';

export interface RendererSearch {
  /** The directory that holds `ebb-render`, the program of `render/`; where Ebb's own build is by default. */
  buildDir?: string;
  /** Whose PATH to look for kustomize and kubectl on; this process's by default. */
  env?: NodeJS.ProcessEnv;
}

/** The program of `render/`, as scripts/build-renderer.mjs names it. */
const PROGRAM = process.platform === 'win32' ? 'ebb-render.exe' : 'ebb-render';

/** The oldest kustomize that can be told to keep the order of the files. */
const OLDEST_MAJOR = 5;

/**
 * The best renderer that is present: the built Go program, else kustomize, else kubectl.
 * @throws Failure RendererMissing
 */
export async function findRenderer(search: RendererSearch = {}): Promise<FluxRenderer> {
  const passedOver: string[] = [];
  // One after another: asking kubectl for its version takes longer than many a whole rollback.
  for (const probe of probesOf(search)) {
    const found = await probe();
    if (typeof found === 'object') return new FluxRenderer(found);
    if (typeof found === 'string') passedOver.push(found);
  }
  throw rendererMissing(search, passedOver);
}

export interface FoundEngines {
  /** The best first. */
  engines: BuildEngine[];
  /** What was found but cannot serve, with the reason. */
  passedOver: string[];
}

/** Every engine that is present, the best first. */
export async function findEngines(search: RendererSearch = {}): Promise<FoundEngines> {
  const probes = await Promise.all(probesOf(search).map((probe) => probe()));
  return {
    engines: probes.flatMap((probe) => (typeof probe === 'object' ? [probe] : [])),
    passedOver: probes.flatMap((probe) => (typeof probe === 'string' ? [probe] : [])),
  };
}

/** The directory of the bundle that this is in, or `dist` of the repository when it runs from its sources. */
function ownBuildDir(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const sources = join('src', 'adapters', 'render');
  return here.endsWith(sources) ? join(here.slice(0, -sources.length), 'dist') : here;
}

/** An engine, why there is none although the program is there, or undefined where it is not. */
type Probe = BuildEngine | string | undefined;

/** Looks for the engines, the best first. */
function probesOf({ buildDir = ownBuildDir(), env = process.env }: RendererSearch): (() => Promise<Probe>)[] {
  return [() => probeGo(join(buildDir, PROGRAM)), () => probeCommand('kustomize', env), () => probeCommand('kubectl', env)];
}

async function probeGo(program: string): Promise<Probe> {
  if (!(await isExecutable(program))) return undefined;
  const version = await run(program, ['--version']);
  return version === undefined ? `${program} does not run on this machine` : new GoEngine({ program, version: version.trim() });
}

async function probeCommand(command: 'kustomize' | 'kubectl', env: NodeJS.ProcessEnv): Promise<Probe> {
  const program = await findOnPath(command, env);
  if (program === undefined) return undefined;
  const version = command === 'kustomize' ? await kustomizeVersion(program) : await kubectlVersion(program);
  if (version === undefined) return `${program} does not tell its version of kustomize`;
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  // A development build has no number; take it at its word.
  if (major < OLDEST_MAJOR && major > 0) return `${program} has kustomize ${version}, older than v${OLDEST_MAJOR}.0.0`;
  return command === 'kustomize'
    ? new CommandEngine({ name: `kustomize ${version}`, program, subcommand: 'build' })
    : new CommandEngine({ name: `kubectl kustomize ${version}`, program, subcommand: 'kustomize' });
}

/** `v5.8.1`; kustomize before v5 wrote `{Version:kustomize/v4.5.7 …}`. */
async function kustomizeVersion(program: string): Promise<string | undefined> {
  return /v?\d+\.\d+\.\d+\S*|\(devel\)/.exec((await run(program, ['version'])) ?? '')?.[0];
}

async function kubectlVersion(program: string): Promise<string | undefined> {
  const answer = await run(program, ['version', '--client', '--output=json']);
  try {
    const { kustomizeVersion: version } = JSON.parse(answer ?? '') as { kustomizeVersion?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

async function findOnPath(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const names = process.platform === 'win32' ? [`${command}.exe`] : [command];
  for (const directory of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    for (const name of names) {
      const program = join(directory, name);
      if (await isExecutable(program)) return program;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** What a program writes to standard output; undefined where it fails or takes ten seconds. */
function run(program: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 10_000 }, (fault, stdout) => resolve(fault ? undefined : stdout));
  });
}

function rendererMissing({ buildDir = ownBuildDir() }: RendererSearch, passedOver: string[]): Failure {
  return new Failure('RendererMissing', 'nothing here can build kustomizations', {
    seen: [`no ${PROGRAM} in ${buildDir}, and no kustomize or kubectl on PATH that would do`, ...passedOver].join('; '),
    causes: [
      'Go was not present when this was built',
      'kustomize and kubectl are not installed, or older than kustomize v5 (kubectl v1.27)',
    ],
    next: [
      'install Go and run: node scripts/build-renderer.mjs',
      'or install kustomize: https://kubectl.docs.kubernetes.io/installation/kustomize/',
      'or install kubectl: https://kubernetes.io/docs/tasks/tools/',
    ],
  });
}
