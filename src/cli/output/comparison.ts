/** A comparison of two versions of a target on the screen; what drifted is told apart. */
import { formatTarget, type Target } from '../../api/target.ts';
import type { Commit } from '../../core/commit.ts';
import { type Drift, type DriftedField, goneText } from '../../core/drift/drift.ts';
import type { Comparison } from '../../engine/compare.ts';
import { age, type Paint, printable } from '../terminal.ts';
import { changeLines, fieldText } from './changes.ts';
import { noteLines } from './report.ts';

export interface ComparisonView {
  paint: Paint;
  now: Date;
}

export function comparisonLines(target: Target, { from, to, changes, drift, notes }: Comparison, { paint, now }: ComparisonView): string[] {
  return [
    paint('bold', formatTarget(target)),
    `  from  ${commitText(from, now, paint)}`,
    `  to    ${commitText(to, now, paint)}`,
    paint('bold', 'Because of Git'),
    ...(changes.length === 0 ? ['  nothing differs'] : changeLines(changes, { paint, fields: Number.POSITIVE_INFINITY }).map(indented)),
    ...driftLines(drift, paint),
    ...noteLines(notes, paint),
  ];
}

function commitText({ sha, subject, author, committedAt }: Commit, now: Date, paint: Paint): string {
  return `${paint('yellow', sha.slice(0, 8))} ${printable(subject)}  ${paint('dim', `${printable(author.name)}, ${age(committedAt, now)} ago`)}`;
}

/** Whatever Flux applies next puts it back. */
function driftLines(drift: readonly Drift[], paint: Paint): string[] {
  if (drift.length === 0) return [];
  const lines = drift.flatMap(({ ref, kind, fields }) =>
    kind === 'gone'
      ? [`${paint('red', '-')} ${printable(goneText(ref))}`]
      : [
          ...changeLines([{ ref, change: 'changed', fields: [], images: [] }], { paint, fields: 0 }),
          ...fields.map((field) => `    ${fieldText(field, paint)}${writerText(field, paint)}`),
        ],
  );
  return [`${paint('bold', 'Drifted in the cluster')}, by others than Flux`, ...lines.map(indented)];
}

function writerText({ by }: DriftedField, paint: Paint): string {
  if (!by) return '';
  return paint('dim', `  by ${printable(by.manager)}${by.time === undefined ? '' : ` at ${printable(by.time)}`}`);
}

function indented(line: string): string {
  return `  ${line}`;
}
