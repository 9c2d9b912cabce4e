/** Flags that every command takes. Names are those of flux and kubectl. */
import { parseDuration } from '../api/duration.ts';
import { parseTarget, type Target } from '../api/target.ts';
import { Failure } from '../core/failure.ts';

export type OutputFormat = 'text' | 'json' | 'yaml' | 'patch';

/** What every command prints. */
export const FORMATS: readonly OutputFormat[] = ['text', 'json', 'yaml'];

export interface Globals {
  namespace: string;
  context?: string;
  kubeconfig?: string;
  output: OutputFormat;
  dryRun?: boolean;
  yes?: boolean;
  /** As typed: a Go duration. */
  timeout: string;
  /** commander's `--no-color`. */
  color: boolean;
  repo?: string;
  branch?: string;
  author?: string;
  gpgSign?: string | boolean;
  sshSign?: string;
}

/** flux's own default. */
export const DEFAULT_NAMESPACE = 'flux-system';

/** @throws Failure UsageError */
export function outputOf(text: string, formats: readonly OutputFormat[] = FORMATS): OutputFormat {
  const format = formats.find((one) => one === text);
  if (format !== undefined) return format;
  throw new Failure('UsageError', `--output takes ${formats.slice(0, -1).join(', ')} or ${formats.at(-1)}, not "${text}"`);
}

/** Milliseconds. @throws Failure UsageError */
export function durationOf(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new Failure('UsageError', `${flag} takes a duration such as 90s, 5m or 2h, not "${text}"`);
  return ms;
}

/** @throws Failure UsageError */
export function targetOf(text: string, globals: Globals): Target {
  const target = parseTarget(text, globals.namespace);
  if (target) return target;
  throw new Failure('UsageError', `"${text}" is not a target`, {
    next: ['write NAME, kustomization/NAME, helmrelease/NAME or kustomization/NAMESPACE/NAME', 'ebb status lists every target'],
  });
}
