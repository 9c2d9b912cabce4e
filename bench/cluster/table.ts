/** Markdown for docs/explanation/speed.md. */
import type { Moments } from './stopwatch.ts';

export interface Round extends Moments {
  scenario: string;
  method: string;
  /** Kustomizations on the source. */
  count: number;
  /** Milliseconds that the commands took, all together. */
  commands: number;
}

export interface Cell {
  scenario: string;
  method: string;
  count: number;
  rounds: number;
  /** Medians, in milliseconds. */
  pushed: number;
  applied: number;
  healthy: number;
  /** How many times as long as Ebb takes to get healthy and to get applied; 1 for Ebb itself, absent where Ebb was not measured. */
  ratio?: { applied: number; healthy: number };
}

/** Medians of what belongs together, with the ratios to `base`. */
export function cellsOf(rounds: readonly Round[], base: string): Cell[] {
  const groups = new Map<string, Round[]>();
  for (const round of rounds) {
    const key = JSON.stringify([round.scenario, round.count, round.method]);
    groups.set(key, [...(groups.get(key) ?? []), round]);
  }
  const cells = [...groups.values()].map((group): Cell => {
    const [{ scenario, method, count }] = group as [Round];
    const of = (moment: keyof Moments) => median(group.map((round) => round[moment]));
    return { scenario, method, count, rounds: group.length, pushed: of('pushed'), applied: of('applied'), healthy: of('healthy') };
  });
  return cells.map((cell) => {
    const ebb = cells.find((other) => other.method === base && other.scenario === cell.scenario && other.count === cell.count);
    return ebb ? { ...cell, ratio: { applied: cell.applied / ebb.applied, healthy: cell.healthy / ebb.healthy } } : cell;
  });
}

/** @throws RangeError without values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export interface Words {
  scenarios: ReadonlyMap<string, string>;
  methods: ReadonlyMap<string, string>;
}

export function timesTable(cells: readonly Cell[], { scenarios, methods }: Words): string {
  const rows = cells.map(({ scenario, count, method, rounds, pushed, applied, healthy, ratio }) => [
    scenarios.get(scenario) ?? scenario,
    String(count),
    methods.get(method) ?? method,
    String(rounds),
    seconds(pushed),
    seconds(applied),
    seconds(healthy),
    ratio ? `${ratio.applied.toFixed(1)} / ${ratio.healthy.toFixed(1)}` : '-',
  ]);
  return markdown(['bad release', 'Kustomizations', 'how', 'runs', 'until pushed', 'to applied', 'to healthy', 'times as long'], rows);
}

/** @param memory Kustomizations → process → MiB. */
export function memoryTable(memory: ReadonlyMap<number, Readonly<Record<string, number>>>): string {
  const counts = [...memory.keys()];
  const names = [...new Set([...memory.values()].flatMap((of) => Object.keys(of)))];
  const rows = names.map((name) => [name, ...counts.map((count) => memory.get(count)?.[name]?.toFixed(0) ?? '-')]);
  return markdown(['MiB', ...counts.map((count) => `${count} Kustomizations`)], rows);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) => Math.max(text.length, 3, ...rows.map((row) => (row[column] as string).length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
