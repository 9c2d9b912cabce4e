/** A plan on the screen: what goes back, what changes in the cluster, who else is hit, what may be unsafe, what will be done. */
import { formatTarget } from '../../api/target.ts';
import type { Hazard } from '../../core/hazards/hazard.ts';
import type { FieldConflict } from '../../core/merge/yaml-merge.ts';
import { summarise } from '../../core/plan/build.ts';
import type { Plan, Refusal } from '../../core/plan/plan.ts';
import { describeStep } from '../../steps/list.ts';
import { type Paint, printable, printableLine } from '../terminal.ts';
import { changeLines, valueText } from './changes.ts';

const FIELDS = 12;

export function planLines(plan: Plan, paint: Paint): string[] {
  return [
    `${paint('bold', printable(summarise(plan)))}  ${paint('dim', plan.id)}`,
    ...commits(plan, paint),
    ...files(plan, paint),
    ...cluster(plan, paint),
    ...affected(plan, paint),
    ...hazardLines(plan.hazards, paint),
    ...plan.notes.map((note) => `  ${paint('dim', 'note')}  ${printableLine(note)}`),
    paint('bold', 'Steps'),
    ...plan.steps.map((step, index) => `  ${index + 1}. ${printable(describeStep(step))}`),
  ];
}

function commits(plan: Plan, paint: Paint): string[] {
  if (plan.reverts.length === 0) return [];
  return [
    paint('bold', 'Takes back'),
    ...plan.reverts.map(
      (commit) =>
        `  ${paint('yellow', commit.sha.slice(0, 8))} ${printable(commit.subject)}  ${paint('dim', printable(commit.author.name))}`,
    ),
  ];
}

function files(plan: Plan, paint: Paint): string[] {
  if (plan.files.length === 0) return [];
  const shown = plan.files
    .slice(0, 8)
    .map((file) => `  ${file.status.padEnd(9)} ${printable(file.from ? `${file.from} -> ${file.path}` : file.path)}`);
  const rest = plan.files.length - shown.length;
  return [paint('bold', `Files in ${plan.branch}`), ...shown, ...(rest > 0 ? [paint('dim', `  … and ${rest} more`)] : [])];
}

function cluster(plan: Plan, paint: Paint): string[] {
  const head = paint('bold', 'In the cluster');
  if (plan.changes === undefined) return [head, '  unknown: it could not be rendered'];
  if (plan.changes.length === 0) return [head, '  nothing changes'];
  return [head, ...changeLines(plan.changes, { paint, fields: FIELDS }).map((line) => `  ${line}`)];
}

function affected(plan: Plan, paint: Paint): string[] {
  if (plan.affected.length === 0) return [];
  const lines = plan.affected.flatMap((other) => [
    `  ${paint('yellow', '!')} ${formatTarget(other.target)}${other.unknown === undefined ? '' : ` (what changes is not known: ${printable(other.unknown)})`}`,
    ...changeLines(other.changes, { paint, fields: 4 }).map((line) => `    ${line}`),
  ]);
  return [paint('bold', 'Also changes'), ...lines];
}

export function hazardLines(hazards: readonly Hazard[], paint: Paint): string[] {
  if (hazards.length === 0) return [];
  const colour = { block: 'red', ask: 'yellow', warn: 'dim' } as const;
  return [
    paint('bold', 'Hazards'),
    ...hazards.flatMap((hazard) => [
      `  ${paint(colour[hazard.severity], `${hazard.severity} ${hazard.name}`)}  ${printableLine(hazard.evidence)}`,
      `        ${printableLine(hazard.advice)}`,
    ]),
  ];
}

/** Where it is, then the three values; or the words that say it, where it is about a whole file. */
function conflictLines({ file, object, path, base, ours, theirs, words }: FieldConflict): string[] {
  const place = `  ${printable(file)}${object ? `: ${printable(object)}` : ''} ${printable(path)}`.trimEnd();
  if (path === '' && words) return [place, `    ${printable(words)}`];
  return [
    place,
    `    the bad commit set   ${valueText(base)}`,
    `    it was before        ${valueText(theirs)}`,
    `    now it is            ${valueText(ours)}`,
    ...(words ? [`    ${printable(words)}`] : []),
  ];
}

export function refusalLines(refusal: Refusal, paint: Paint): string[] {
  const lines = [`${paint('yellow', '■')} ${paint('bold', printableLine(refusal.message))} ${paint('dim', `(${refusal.reason})`)}`];
  for (const conflict of refusal.conflicts ?? []) lines.push(...conflictLines(conflict));
  lines.push(...hazardLines(refusal.hazards ?? [], paint));
  const advised = new Set((refusal.hazards ?? []).map((hazard) => hazard.advice));
  const unsaid = refusal.next.filter((next) => !advised.has(next));
  lines.push(...unsaid.map((next, index) => `  ${(index === 0 ? 'next:' : '').padEnd(8)}${printable(next)}`));
  return lines;
}
