/** What a command prints, without what is never the same twice. */
import type { Answer } from './place.ts';

const VARIES: [RegExp, string][] = [
  // How often the same happened: each interval that passed meanwhile counts.
  [/ \(x\d+ over [^)]*\)/g, ''],
  // Flux may lose a run from its history when the next one begins before its cache has seen the last (docs/adr/0008).
  [/\btotalReconciliations: \d+/g, 'totalReconciliations: COUNT'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)/g, 'TIME'],
  [/sha256:[0-9a-f]{64}/g, 'DIGEST'],
  [/\b[0-9a-f]{40}\b/g, 'COMMIT'],
  [/@sha1:[0-9a-f]{8}\b/g, '@sha1:COMMIT'],
  [/127\.0\.0\.1:\d+/g, 'ADDRESS'],
  // Ages and durations: `3s`, `1m5.2s`, `12.3ms`, `2m`; Ebb's `just now`.
  [/\b(\d+h)?(\d+m)?\d+(\.\d+)?(ms|µs|s|m|h)\b/g, 'DURATION'],
  // Short commits and pods, where Ebb prints them.
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b(?!-)/g, 'COMMIT'],
  [/-[0-9a-f]{8,10}-[0-9a-z]{5}\b/g, '-POD'],
  [/\bebb-(sandbox|cluster) \(/g, 'CONTEXT ('],
  [/\S+ebb-clone-\w+/g, 'CLONE'],
  [/\b\d+\.\d KiB/g, 'SIZE'],
  // The columns of a table are as wide as what is in them.
  [/[ \t]+/g, ' '],
  [/ +$/gm, ''],
];

export interface SteadyOptions {
  /** Lines that come in an order of their own: of the same second, or of a map. */
  unordered?: boolean;
}

export function steady({ stdout, stderr, code }: Answer, { unordered }: SteadyOptions = {}): string {
  const text = [stdout, stderr].map((part) => VARIES.reduce((left, [pattern, by]) => left.replace(pattern, by), part));
  const lines = text.join('--- standard error\n').split('\n');
  return [...(unordered ? lines.sort() : lines), `exit code ${code}`].join('\n');
}
