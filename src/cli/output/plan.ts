/** A plan on the screen: what goes back, what changes in the cluster, who else is hit, what may be unsafe, what will be done. */
import { formatTarget } from '../../api/target.ts';
import { heldText } from '../../core/bring-along/outcome.ts';
import type { Hazard } from '../../core/hazards/hazard.ts';
import type { FieldConflict } from '../../core/merge/yaml-merge.ts';
import { summarise } from '../../core/plan/build.ts';
import type { AffectedTarget, Plan, Refusal } from '../../core/plan/plan.ts';
import { describeStep } from '../../steps/list.ts';
import { type Paint, printable, printableLine } from '../terminal.ts';
import { changeLines, valueText } from './changes.ts';

const FIELDS = 12;
/** Of so many others it is shown what changes; more are named. */
const OTHERS = 5;

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
  const shown = plan.affected.slice(0, OTHERS);
  const rest = plan.affected.slice(OTHERS);
  const lines = shown.flatMap((other) => [
    `  ${paint('yellow', '!')} ${otherText(other)}`,
    ...changeLines(other.changes, { paint, fields: 4 }).map((line) => `    ${line}`),
  ]);
  return [
    `${paint('bold', 'Also changes')}${whatBecomes(plan)}`,
    ...lines,
    ...(rest.length > 0 ? [`  ${paint('yellow', '!')} and ${rest.length} more: ${rest.map(otherText).join(', ')}`] : []),
  ];
}

function otherText({ target, unknown, held }: AffectedTarget): string {
  const why = unknown === undefined ? '' : ` (what changes is not known: ${printableLine(unknown)})`;
  const left = held === undefined ? '' : ` (${printableLine(heldText(held.kind, held.by))})`;
  return `${formatTarget(target)}${why}${left}`;
}

/** What the rollback does for the others. */
function whatBecomes({ request, steps }: Plan): string {
  if (steps.some((step) => step.kind === 'bring-along')) return ', and is brought back as well';
  return request.only ? ', and is left to Flux (--only)' : '';
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
