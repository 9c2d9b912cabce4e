/**
 * Writes milliseconds the way Go prints a `time.Duration` (`1m30s`, `30.005s`, `350ms`, `0s`), to the microsecond:
 * Flux's messages carry them, and Events with equal messages are counted as one. Source: go.dev/src/time/time.go, Duration.String.
 */
export function goDuration(ms: number): string {
  const micros = Math.max(0, Math.round(ms * 1_000));
  if (micros === 0) return '0s';
  if (micros < 1_000) return `${micros}µs`;
  if (micros < 1_000_000) return `${micros / 1_000}ms`;
  const hours = Math.floor(micros / 3_600_000_000);
  const minutes = Math.floor((micros % 3_600_000_000) / 60_000_000);
  const seconds = (micros % 60_000_000) / 1_000_000;
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`;
}
