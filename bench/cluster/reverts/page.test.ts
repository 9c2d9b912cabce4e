import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS } from './kinds.ts';
import { revertsSection, withReverts } from './page.ts';
import { type Measurement, parseResults, type Results, spread, type Way } from './results.ts';
import { untilPhase } from './rounds.ts';

const measurement = (way: Way, applied: number, more: Partial<Measurement> = {}): Measurement => ({
  kind: 'deployment',
  minutes: 4,
  way,
  waited: 3_000,
  pushed: 1_000,
  applied,
  healthy: applied + 5_000,
  ...more,
});

const results = (...measurements: Measurement[]): Results => ({
  at: '2026-01-02T03:04:05Z',
  machine: '2 x Abacus',
  versions: [{ name: 'Kubernetes', version: '1.36.3' }],
  measurements,
  failed: [],
  memory: { etcd: 50 },
});

const rowsOf = (section: string) => section.split('\n').filter((line) => line.startsWith('| Deployment '));
const cellsIn = (line: string | undefined) => line?.split('|').map((cell) => cell.trim());

describe('what docs/explanation/speed.md says of reverts on the real control plane', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const stored = parseResults(readFileSync(join(root, 'bench/cluster/reverts/measured.json'), 'utf8'));

  it('is what was measured (npm run bench:cluster -- --write-docs writes both)', () => {
    const page = readFileSync(join(root, 'docs/explanation/speed.md'), 'utf8');
    expect(page).toBe(withReverts(page, revertsSection(stored)));
  });

  it('is of a run of every kind, in every way', () => {
    const ways = new Set(stored.measurements.map(({ kind, way }) => `${kind} ${way}`));
    expect([...ways].sort()).toEqual(KINDS.flatMap(({ name }) => [`${name} ebb`, `${name} flux`, `${name} gate`]).sort());
  });
});

describe('the table of reverts', () => {
  it('has plain Flux beside the gate and Ebb, and how many times as long Flux takes', () => {
    const section = revertsSection(results(measurement('flux', 236_000), measurement('gate', 500), measurement('ebb', 4_000)));
    const [row] = rowsOf(section);
    const times = ['236.0 s', '241.0 s', '0.5 s', '5.5 s', '4.0 s', '4.0 s', '9.0 s', '59 x'];
    expect(cellsIn(row)).toEqual(['', 'Deployment', '4m', ...times, '']);
  });

  it('says which aims were met, of all rounds together, and which were missed', () => {
    const fast = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => measurement('ebb', n * 500));
    expect(cellsIn(rowsOf(revertsSection(results(...fast, measurement('ebb', 9_000, { minutes: 1 })))).at(-1))).toEqual([
      '',
      'Deployment',
      '10',
      '2.5 s',
      '4.5 s',
      '6.0 s',
      'met',
      '',
    ]);
    expect(revertsSection(results(measurement('flux', 100_000), measurement('ebb', 7_000)))).toContain('Deployment 14 (missed)');
  });

  it('does not hide what never got well, nor rounds that failed', () => {
    const never = results(measurement('flux', 236_000, { healthy: Number.POSITIVE_INFINITY }));
    const again = parseResults(JSON.stringify(never));
    expect(again).toEqual(never);
    expect(cellsIn(rowsOf(revertsSection(again))[0])?.[4]).toBe('not by itself');
    const failed = { kind: 'helm', minutes: 2, way: 'gate' as const, message: 'it hung' };
    expect(revertsSection({ ...never, failed: [failed] })).toContain('in no figure:\n\n- helm, 2m, gate: it hung');
  });

  it('is put in the place of the one before it, and nowhere where there is none', () => {
    const section = revertsSection(results(measurement('ebb', 4_000)));
    expect(withReverts(`# Page\n\n${section.replace('Abacus', 'Slate')}\n\n## More\n`, section)).toBe(`# Page\n\n${section}\n\n## More\n`);
    expect(() => withReverts('# Page\n', section)).toThrow('no place');
  });
});

describe('the figures', () => {
  it('are percentiles by the nearest rank', () => {
    expect(spread([3, 1, 2])).toEqual({ runs: 3, p50: 2, p90: 3 });
    expect(spread([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toEqual({ runs: 10, p50: 5, p90: 9 });
    expect(() => spread([])).toThrow(RangeError);
  });

  it('are of rollbacks at a chosen moment between two looks of Flux, and not before it has waited for two seconds', () => {
    expect(untilPhase(0, 0.5)).toBe(2_500);
    expect(untilPhase(0, 0.1)).toBe(5_500);
    expect(untilPhase(4_000, 0.5)).toBe(3_500);
    expect(untilPhase(12_500, 0.5)).toBe(0);
  });
});
