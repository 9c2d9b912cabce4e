import type { Measured } from './measure.ts';

export interface Summary {
  runs: number;
  p50: number;
  p99: number;
  min: number;
  /** The highest of all runs. */
  peakMiB: number;
}

/** Percentiles by the nearest rank. @throws RangeError without runs. */
export function summarise(runs: readonly Measured[]): Summary {
  if (runs.length === 0) throw new RangeError('nothing was measured');
  const sorted = runs.map((run) => run.ms).sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] as number;
  return {
    runs: runs.length,
    p50: rank(0.5),
    p99: rank(0.99),
    min: sorted[0] as number,
    peakMiB: Math.max(...runs.map((run) => run.peakMiB ?? 0)),
  };
}
