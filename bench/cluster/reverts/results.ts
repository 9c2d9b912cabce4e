/** What a run of this bench has measured, as it is stored, and what follows from it. */
import type { Moments } from '../stopwatch.ts';

/** `flux` and `gate`: by hand, with Flux's defaults and with its feature gate on. */
export type Way = 'flux' | 'gate' | 'ebb';

export interface Which {
  kind: string;
  minutes: number;
  way: Way;
}

export interface Measurement extends Which, Moments {
  /** Milliseconds from Flux's beginning to wait for the bad version to the revert in Git. */
  waited: number;
}

export interface Failed extends Which {
  message: string;
}

export interface Results {
  /** RFC 3339. */
  at: string;
  machine: string;
  versions: { name: string; version: string }[];
  measurements: Measurement[];
  failed: Failed[];
  /** MiB by process: of the control plane resident at the end, of commands the peak. */
  memory: Record<string, number>;
}

/** JSON knows no infinity. */
export function parseResults(text: string): Results {
  return JSON.parse(text, (key, value) => (key === 'healthy' && value === null ? Number.POSITIVE_INFINITY : value)) as Results;
}

export interface Spread {
  runs: number;
  p50: number;
  p90: number;
}

export interface Cell {
  applied: Spread;
  healthy: Spread;
}

/** Undefined where nothing of it was measured. @param which what is left out counts for all. */
export function cellOf(measurements: readonly Measurement[], which: Partial<Which>): Cell | undefined {
  const wanted = Object.entries(which) as [keyof Which, unknown][];
  const group = measurements.filter((one) => wanted.every(([key, value]) => one[key] === value));
  if (group.length === 0) return undefined;
  return { applied: spread(group.map(({ applied }) => applied)), healthy: spread(group.map(({ healthy }) => healthy)) };
}

/** Percentiles by the nearest rank. @throws RangeError without values. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { runs: sorted.length, p50: rank(0.5), p90: rank(0.9) };
}

/** @param ms undefined where it was not measured, infinite where it never came. */
export function seconds(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'not by itself';
}
