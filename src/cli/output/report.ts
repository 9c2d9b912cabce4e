/** The report of a rollback: outcome, commit, checks, seconds. */
import { formatDuration } from '../../api/duration.ts';
import { formatTarget } from '../../api/target.ts';
import { type OtherOutcome, tallyOf, tallyText } from '../../core/bring-along/outcome.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Check, Verdict } from '../../core/verdict/verdict.ts';
import type { Report } from '../../engine/run-rollback.ts';
import { type Paint, printable, printableLine } from '../terminal.ts';

const FAILED = { succeeded: '', failed: 'rollback failed:', 'timed-out': 'rollback timed out:', refused: 'not rolled back:' } as const;

export function reportLines(report: Report, paint: Paint): string[] {
  const { plan } = report;
  const took = formatDuration(Date.parse(report.finishedAt) - Date.parse(report.startedAt));
  const good = report.outcome === 'succeeded';
  const head = good ? paint('green', `✓ ${doneWords(plan)}`) : paint('red', `✗ ${FAILED[report.outcome]}`);
  // Commits that were named leave newer ones as they are: there is no one commit that the target went back to.
  const to = plan.request.commits?.length ? '' : ` to ${plan.to.slice(0, 8)}`;
  return [
    `${head} ${paint('bold', formatTarget(plan.target))}${to} in ${took}  ${paint('dim', report.id)}`,
    ...(good ? untilLine(plan) : []),
    ...(report.commit ? [`  commit   ${report.commit} in ${plan.request.pushBranch ?? plan.branch}`] : []),
    ...(good ? [] : indented('why', report.message)),
    ...(report.verdict ? checkLines(report.verdict, paint) : []),
    ...otherLines(report.others ?? [], paint),
    ...nextOf(report).map((next, index) => `  ${(index === 0 ? 'next' : '').padEnd(9)}${printable(next)}`),
  ];
}

/** The words of a server may take several lines. */
function indented(label: string, text: string): string[] {
  return printable(text)
    .split('\n')
    .map((line, row) => `  ${(row === 0 ? label : '').padEnd(9)}${line}`);
}

/** What was not watched to its end is not called a success. */
function doneWords(plan: Plan): string {
  if (plan.strategy === 'pin') return 'pinned';
  if (plan.steps.some((step) => step.kind === 'verify')) return 'rolled back';
  if (!plan.steps.some((step) => step.kind === 'commit')) return 'nothing to write, without watching Flux:';
  return plan.request.pushBranch === undefined ? 'pushed, without watching Flux:' : `pushed to ${plan.request.pushBranch}:`;
}

/** A pin ends by itself. */
function untilLine(plan: Plan): string[] {
  const pin = plan.steps.find((step) => step.kind === 'pin');
  return pin ? [`  until    ${pin.until}`] : [];
}

function nextOf(report: Report): string[] {
  if (report.outcome !== 'succeeded') return report.next;
  const name = formatTarget(report.plan.target);
  if (report.plan.strategy === 'pin')
    return [`ebb rollback ${name}  lands the revert in Git and ends the pin`, `ebb unpin ${name}  follows Git again, undoing this`];
  const { pushBranch } = report.plan.request;
  if (pushBranch !== undefined)
    return [
      `open a pull request from ${pushBranch} into ${report.plan.branch}; the cluster follows when it is merged`,
      `ebb pin ${name} --to ${report.plan.to.slice(0, 12)}  brings that version back meanwhile`,
      `ebb rollback ${name}  once it is merged: ends the pin, watches Flux and verifies`,
    ];
  return report.commit ? [`ebb rollback ${name} --commit ${report.commit.slice(0, 12)}  undoes this`] : [];
}

/** A count of those that are well, and a line for each that is not. */
function otherLines(others: readonly OtherOutcome[], paint: Paint): string[] {
  if (others.length === 0) return [];
  const sign: Record<Exclude<OtherOutcome['state'], 'well'>, string> = {
    failed: paint('red', '✗'),
    waiting: paint('yellow', '…'),
    held: paint('yellow', '■'),
    gone: paint('dim', '-'),
    unknown: paint('yellow', '?'),
  };
  const unwell = others.flatMap(({ target, state, message }) =>
    state === 'well' ? [] : [[`  ${sign[state]} ${formatTarget(target)}`, printableLine(message)]],
  );
  return [`  others   ${tallyText(tallyOf(others))}`, ...columns(unwell)];
}

/** Two columns, without a heading. */
function columns(rows: readonly string[][]): string[] {
  const width = Math.max(0, ...rows.map(([first = '']) => first.length));
  return rows.map(([first = '', second = '']) => `${first.padEnd(width)}  ${second}`);
}

export function checkLines(verdict: Verdict, paint: Paint): string[] {
  const sign = { pass: paint('green', '✓'), wait: paint('yellow', '…'), fail: paint('red', '✗') };
  return [
    ...verdict.checks.map((check: Check) => `  ${sign[check.status]} ${check.name.padEnd(10)} ${printableLine(check.message)}`),
    ...noteLines(verdict.notes ?? [], paint),
  ];
}

/** What one should know besides. */
export function noteLines(notes: readonly string[], paint: Paint): string[] {
  return notes.map((note) => `  ${paint('dim', 'note')}  ${printableLine(note)}`);
}
