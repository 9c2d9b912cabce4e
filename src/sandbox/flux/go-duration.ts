/**
 * Writes milliseconds the way Go prints a `time.Duration` (`1m30s`, `30.005s`, `350ms`, `0s`), without rounding: Flux's
 * messages carry them. Source: go.dev/src/time/time.go, Duration.String.
 */
export function goDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole === 0) return '0s';
  if (whole < 1_000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = (whole % 60_000) / 1_000;
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`;
}
