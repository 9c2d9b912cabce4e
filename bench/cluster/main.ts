/**
 * What is measured on the real control plane; the first word says which, `reverts` where none is given.
 *
 *     npm run bench:cluster                         the table of docs/explanation/speed.md; takes 20 to 25 minutes
 *     npm run bench:cluster -- --write-docs         the same, and writes it there
 *     npm run bench:cluster -- growth               how it grows with the Kustomizations on one source; about an hour
 *     npm run bench:cluster -- company              one commit that makes fifty of them bad; about ten minutes
 */

import { setMaxListeners } from 'node:events';
import { company } from './company.ts';
import { growth } from './growth.ts';
import { reverts } from './reverts/bench.ts';

/** @param args of the command line. @param ended what runs is ended, and what it left is removed, when it aborts. */
type Bench = (args: string[], ended: AbortSignal) => Promise<void>;

const BENCHES: Readonly<Record<string, Bench>> = { reverts, growth, company };
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const words = process.argv.slice(2);
const named = words[0]?.startsWith('-') === false;
const [name, args] = named ? [words[0] as string, words.slice(1)] : ['reverts', words];
const bench = BENCHES[name];
if (!bench) {
  console.error(`"${name}" is nothing to measure: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const ending = new AbortController();
// As many as commands run at the same time.
setMaxListeners(0, ending.signal);
for (const signal of SIGNALS) process.once(signal, () => ending.abort(new Error(`ended by ${signal}`)));
try {
  await bench(args, ending.signal);
} catch (error) {
  if (!ending.signal.aborted) throw error;
  console.error((ending.signal.reason as Error).message);
  process.exitCode = 130;
}
