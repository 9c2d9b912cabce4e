/** The part of docs/explanation/speed.md that says what this bench has measured. */
import { markdown } from '../table.ts';
import { KINDS, type Kind } from './kinds.ts';
import { cellOf, type Results, seconds, spread, type Way, type Which } from './results.ts';

const BEGIN = '<!-- reverts: written by npm run bench:cluster -- --write-docs -->';
const END = '<!-- end of the reverts -->';
/** How many times as long as Ebb plain Flux is to take, with a timeout of so many minutes. */
const TIMES = 40;
const TIMES_AT = 4;
const WAYS: readonly Way[] = ['flux', 'gate', 'ebb'];

/** Markdown. Every word of it follows from the results. */
export function revertsSection(results: Results): string {
  const parts = [setting(results), timesTable(results), aims(results), aimsTable(results), ...failures(results), memory(results)];
  return [BEGIN, ...parts, END].join('\n\n');
}

function setting({ measurements, versions, machine, at }: Results): string {
  const named = versions.map(({ name, version }) => `${name} ${version}`).join(', ');
  const runs = WAYS.map((way) =>
    Math.max(0, ...rowsOf(measurements).map(({ which }) => cellOf(measurements, { ...which, way })?.applied.runs ?? 0)),
  );
  const waited = measurements.map((one) => one.waited);
  const lines = [
    `${at.slice(0, 10)}; ${named}; ${machine}. Runs per row: ${runs[0]} of plain Flux, ${runs[1]} with the gate, ${runs[2]} of Ebb.`,
    `The revert was in Git ${seconds(Math.min(...waited))} to ${seconds(Math.max(...waited))} after Flux had begun to wait for the bad version.`,
  ];
  const ebb = measurements.filter(({ way }) => way === 'ebb').map(({ pushed }) => pushed);
  if (ebb.length === 0) return lines.join('\n');
  const { p50, p90 } = spread(ebb);
  return [...lines, `Before that \`ebb rollback\` took ${seconds(p50)} (p90 ${seconds(p90)}) from its start to its push.`].join('\n');
}

interface Row {
  kind: Kind;
  which: Pick<Which, 'kind' | 'minutes'>;
}

function rowsOf(measurements: Results['measurements']): Row[] {
  const minutes = [...new Set(measurements.map((one) => one.minutes))].sort((a, b) => a - b);
  const rows = KINDS.flatMap((kind) => minutes.map((timeout) => ({ kind, which: { kind: kind.name, minutes: timeout } })));
  return rows.filter(({ which }) => cellOf(measurements, which) !== undefined);
}

function timesTable({ measurements }: Results): string {
  const rows = rowsOf(measurements).map(({ kind, which }) => {
    const [flux, gate, ebb] = WAYS.map((way) => cellOf(measurements, { ...which, way }));
    return [
      kind.says,
      `${which.minutes}m`,
      seconds(flux?.applied.p50),
      seconds(flux?.healthy.p50),
      seconds(gate?.applied.p50),
      seconds(gate?.healthy.p50),
      seconds(ebb?.applied.p50),
      seconds(ebb?.applied.p90),
      seconds(ebb?.healthy.p50),
      flux && ebb ? `${times(flux.applied.p50, ebb.applied.p50)} x` : '–',
    ];
  });
  const by = [
    'Flux: good spec',
    'Flux: healthy',
    'gate on: good spec',
    'gate on: healthy',
    'Ebb: good spec, p50',
    'p90',
    'Ebb: healthy, p50',
  ];
  return markdown(['bad release', 'timeout', ...by, 'Flux takes as long as Ebb'], rows);
}

function times(one: number, other: number): string {
  return (one / other).toFixed(0);
}

function aims({ measurements }: Results): string {
  const ratios = KINDS.flatMap((kind) => {
    const [flux, , ebb] = WAYS.map((way) => cellOf(measurements, { kind: kind.name, minutes: TIMES_AT, way })?.applied.p50);
    if (flux === undefined || ebb === undefined) return [];
    return [`${kind.says} ${times(flux, ebb)} (${flux / ebb >= TIMES ? 'met' : 'missed'})`];
  });
  const known = `The good spec takes plain Flux so many times as long as Ebb with \`timeout: ${TIMES_AT}m\`; the aim was ${TIMES}:\n${ratios.join('; ')}.\n`;
  return `${ratios.length > 0 ? known : ''}Whatever the timeout, the good spec is in the cluster with Ebb within:`;
}

function aimsTable({ measurements }: Results): string {
  const ebb = measurements.filter(({ way }) => way === 'ebb');
  const together = [...new Set(KINDS.map(({ aim }) => aim))].map((aim) => KINDS.filter((kind) => kind.aim === aim));
  const groups = [
    ...KINDS.map(({ name, says, aim }) => ({ says, aim, names: [name] })),
    ...together
      .filter((kinds) => kinds.length > 1)
      .map((kinds) => ({ says: 'all with this aim', aim: (kinds[0] as Kind).aim, names: kinds.map(({ name }) => name) })),
  ];
  const rows = groups.flatMap(({ says, aim, names }) => {
    const group = ebb.filter(({ kind }) => names.includes(kind)).map(({ applied }) => applied);
    if (group.length === 0) return [];
    const { runs, p50, p90 } = spread(group);
    return [[says, String(runs), seconds(p50), seconds(p90), seconds(aim), p90 <= aim ? 'met' : 'missed']];
  });
  return markdown(['bad release', 'runs', 'p50', 'p90', 'aim for p90', ''], rows);
}

function failures({ failed }: Results): string[] {
  if (failed.length === 0) return [];
  const lines = failed.map(({ kind, minutes, way, message }) => `- ${kind}, ${minutes}m, ${way}: ${message}`);
  return ['Rounds that failed and are in no figure:', lines.join('\n')];
}

function memory({ memory: used }: Results): string {
  const listed = Object.entries(used).map(([name, mib]) => `${name} ${mib}`);
  return `Memory in MiB, of the control plane resident after Ebb's rounds, of commands the peak: ${listed.join(', ')}.`;
}

/** The page with the section in its place. @throws where the page has no place for it. */
export function withReverts(page: string, section: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('the page has no place for what was measured');
  return page.slice(0, begin) + section + page.slice(end + END.length);
}
