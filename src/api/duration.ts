/** Go durations, as Flux's `interval` and `timeout` are written: `1m30s`, `500ms`, `2h`. */
const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Whole milliseconds of a duration (`d` for days is taken too, as kubectl users type it); undefined where malformed. */
export function parseDuration(text: string): number | undefined {
  // Go takes a zero without a unit: time.ParseDuration.
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit as string] as number);
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}

/** Go's way to write a duration, to a tenth of a second: `1m30s`, `4.3s`, `350ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms <= 0) return '0s';
  if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor((tenths % 36_000) / 600);
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${(tenths % 600) / 10}s`;
}
