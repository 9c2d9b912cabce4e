// Starts programs for another process and ends them with it: when its standard input closes - the other process ended,
// in whatever way - every program is killed at once and the state folder removed. Plain JavaScript, for it is run as it is.
//
// In, one JSON document a line:  { "name", "file", "args", "env", "cwd", "log" }
// Out, the same:                 { "started": { "name", "pid" } } | { "failed": { "name", "message" } } | { "ended": { "name", "code", "signal" } }
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [folder] = process.argv.slice(2);
const children = new Set();
let over = false;

function tell(message) {
  if (!over) process.stdout.write(`${JSON.stringify(message)}\n`);
}

function start({ name, file, args, env, cwd, log }) {
  const output = openSync(log, 'a', 0o600);
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', output, output] });
  closeSync(output);
  child.once('error', (error) => tell({ failed: { name, message: error.message } }));
  if (child.pid === undefined) return;
  children.add(child);
  tell({ started: { name, pid: child.pid } });
  child.once('exit', (code, signal) => {
    children.delete(child);
    tell({ ended: { name, code, signal } });
    if (over && children.size === 0) leave();
  });
}

function leave() {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}

function end() {
  if (over) return;
  over = true;
  if (children.size === 0) return leave();
  for (const child of children) child.kill('SIGKILL');
}

// Signals for a whole session or group are the other process's to take: this one ends when its input does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.on('uncaughtException', (error) => {
  process.exitCode = 1;
  console.error(error);
  end();
});
process.stdout.on('error', end);
process.stdin.on('error', end);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (!over) start(JSON.parse(line));
  })
  .on('close', end);
