#!/usr/bin/env node
/** The process: `ebb`, and `flux-ebb` as Flux's plugin. */
import { main } from './main.ts';

const interruption = new AbortController();
let interrupts = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupts += 1;
    interruption.abort(new Error(signal));
    // The first lets the step write down where it is; the second is obeyed at once.
    if (interrupts > 1) process.exit(130);
  });
}
// A reader that went away (`ebb rollback … | head`) must not end a rollback half-way: what it would have read is dropped.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  signal: interruption.signal,
});
