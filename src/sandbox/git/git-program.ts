/** The git program, run without a shell, without prompts and without the configuration of whoever runs the sandbox. */
import { spawn } from 'node:child_process';
import { devNull } from 'node:os';

export interface GitRun {
  /** The `--git-dir` of the command; absent for commands that need none (`init`, `ls-remote`). */
  gitDir?: string;
  /** Variables for this run, for example credentials: unlike arguments, no other user sees them. */
  env?: Record<string, string>;
  stdin?: string | Uint8Array;
  signal?: AbortSignal;
  /** Wall-clock milliseconds after which the program is ended. */
  timeoutMs?: number;
}

/** Thrown for an exit code other than 0. `stderr` is what git said; it never holds credentials (they are in no argument or URL). */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly timedOut: boolean;

  constructor(command: string, details: { stderr: string; exitCode: number | null; timedOut: boolean }) {
    super(`git ${command} failed: ${details.stderr.trim() || `exit code ${details.exitCode}`}`);
    this.stderr = details.stderr;
    this.exitCode = details.exitCode;
    this.timedOut = details.timedOut;
  }
}

/** The environment of every git process here: nothing inherited that would change what git does. */
export function gitEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_') && !name.startsWith('SSH_ASKPASS'));
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    ...extra,
  };
}

/** Runs git and resolves to its standard output. @throws GitError, or the signal's reason */
export async function runGit(args: readonly string[], run: GitRun = {}): Promise<Buffer> {
  run.signal?.throwIfAborted();
  const child = spawn('git', run.gitDir ? ['--git-dir', run.gitDir, ...args] : [...args], {
    env: gitEnvironment(run.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let timedOut = false;
  const timer =
    run.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, run.timeoutMs);
  const abort = () => child.kill('SIGKILL');
  run.signal?.addEventListener('abort', abort, { once: true });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(run.stdin ?? '');
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    run.signal?.throwIfAborted();
    if (exitCode === 0) return Buffer.concat(output);
    throw new GitError(args[0] ?? '', { stderr: Buffer.concat(complaints).toString('utf8'), exitCode, timedOut });
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', abort);
  }
}

/** As `runGit`, decoded and without the last line break. */
export async function gitText(args: readonly string[], run: GitRun = {}): Promise<string> {
  return (await runGit(args, run)).toString('utf8').replace(/\n$/, '');
}
