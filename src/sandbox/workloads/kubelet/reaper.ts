/**
 * A small process that outlives the sandbox for a moment: it is told of every process group that pods run in, and when
 * its standard input closes, which even a SIGKILL of the sandbox brings about, it kills them all and removes their folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Reaper {
  /** From now on the group is killed should the sandbox die. */
  watch(group: number): void;
  release(group: number): void;
  /** Kills what is still watched, removes the folder, and resolves when the reaper itself has ended. */
  stop(): Promise<void>;
}

/** Run by `node -e`, so that it needs no file of its own in whatever form the sandbox is packaged. */
const PROGRAM = `
const { rmSync } = require('node:fs');
const groups = new Set();
let rest = '';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const line of lines) {
    if (line[0] === '+') groups.add(Number(line.slice(1)));
    else groups.delete(Number(line.slice(1)));
  }
});
const end = () => {
  for (const group of groups) try { process.kill(-group, 'SIGKILL'); } catch {}
  try { rmSync(process.argv[1], { recursive: true, force: true, maxRetries: 5 }); } catch {}
  process.exit(0);
};
process.stdin.on('end', end);
process.stdin.on('error', end);
`;

/** @param folder absolute path of what is removed at the end. */
export function startReaper(folder: string): Reaper {
  // Detached: a Ctrl-C at the terminal must reach the sandbox alone, which then ends everything in order.
  const child = spawn(process.execPath, ['-e', PROGRAM, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} });
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  const tell = (line: string) => void child.stdin?.write(`${line}\n`);
  return {
    watch: (group) => tell(`+${group}`),
    release: (group) => tell(`-${group}`),
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  child.ref();
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
