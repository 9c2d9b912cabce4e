/** The Go that is installed: which it is, and how it is run here. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as osConstants, setPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface Toolchain {
  /** Path of the program. */
  go: string;
  /** `go1.26.8`. */
  version: string;
  /** The environment that it runs in. */
  env: NodeJS.ProcessEnv;
}

/** Node's names of systems and processors where Go has others. */
const GOOS: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows', sunos: 'solaris' };
const GOARCH: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** What is built runs here, whatever the environment builds for otherwise: `linux/amd64`. */
export function platform(): string {
  return `${GOOS[process.platform] ?? process.platform}/${GOARCH[process.arch] ?? process.arch}`;
}

/** The Go on PATH, or undefined where there is none that runs. */
export async function findToolchain(env: NodeJS.ProcessEnv): Promise<Toolchain | undefined> {
  const go = findOnPath('go', env);
  if (go === undefined) return undefined;
  const [GOOS, GOARCH] = platform().split('/');
  // A workspace, flags or another toolchain of the user's must not change what is built; where modules come from is the user's.
  const own = { ...env, GOOS, GOARCH, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', GOWORK: 'off', CGO_ENABLED: '0' };
  try {
    const { stdout } = await promisify(execFile)(go, ['env', 'GOVERSION'], { env: own });
    return { go, version: stdout.trim(), env: own };
  } catch {
    return undefined;
  }
}

/** The oldest Go that a go.mod takes: `1.26.0`. */
export function neededGo(goMod: string): string {
  return /^go (\S+)/m.exec(goMod)?.[1] ?? '1.0';
}

/** Whether `go1.26.8`, `go1.27rc1` or `devel go1.27-0a1b2c` is at least `1.26.0`. */
export function isAtLeast(version: string, needed: string): boolean {
  const numbers = (text: string) => (/(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? []).slice(1, 4).map((digits) => Number(digits ?? 0));
  const [have, want] = [numbers(version), numbers(needed)];
  for (const [index, number] of want.entries()) if (have[index] !== number) return (have[index] ?? 0) > number;
  return true;
}

export interface GoCall {
  toolchain: Toolchain;
  cwd: string;
  args: readonly string[];
  /** Hears each line that go writes while it works. */
  onLine?: (line: string) => void;
}

/** go did not do what it was asked for; the message ends with what it said. */
export class GoFailed extends Error {
  override name = 'GoFailed';
}

const running = new Set<ChildProcess>();

/** Ends every go that runs; what it had begun ends with it. */
export function endGo(): void {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Runs go at a low priority, and shows nothing of its output.
 * @returns what it wrote to its standard output.
 * @throws GoFailed with the last lines of its standard error.
 */
export async function runGo({ toolchain, cwd, args, onLine }: GoCall): Promise<string> {
  const child = spawn(toolchain.go, args, { cwd, env: toolchain.env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  makeWay(child.pid);
  const output: string[] = [];
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  createInterface({ input: child.stderr }).on('line', (line) => {
    onLine?.(line);
    if (!line.startsWith('go: downloading ')) said.push(line);
    if (said.length > 40) said.shift();
  });
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? '' : signal ? `it was ended by ${signal}` : `exit code ${code}`));
  });
  running.delete(child);
  if (end !== '') throw new GoFailed([`go ${args.join(' ')} failed in ${cwd} (${end}):`, ...said].join('\n'));
  return output.join('');
}

/** Whoever sits at the machine goes first. */
function makeWay(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, osConstants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system has no priorities.
  }
}

function findOnPath(command: string, env: NodeJS.ProcessEnv): string | undefined {
  const name = process.platform === 'win32' ? `${command}.exe` : command;
  const files = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return files.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
