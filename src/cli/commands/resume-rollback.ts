/** `ebb resume-rollback ID`: goes on with one that was interrupted. Without an id: what can be gone on with. */
import { formatTarget } from '../../api/target.ts';
import { ExitCode } from '../../core/failure.ts';
import { foldJournal, isOpen, type JournalState } from '../../core/journal.ts';
import type { Step } from '../../core/plan/plan.ts';
import { noSuchRollback, resumeRollback } from '../../engine/run-rollback.ts';
import { describeStep } from '../../steps/list.ts';
import { durationOf } from '../globals.ts';
import { planLines } from '../output/plan.ts';
import { liveProgress, silent } from '../output/progress.ts';
import { confirm } from '../prompt.ts';
import type { Result } from '../result.ts';
import type { Session } from '../session.ts';
import { age, painter, printable, table } from '../terminal.ts';
import { reportResult } from './rollback.ts';

export async function resumeRollbackCommand(session: Session, id: string | undefined): Promise<Result> {
  const { globals, io } = session;
  const journal = await session.journal();
  if (id === undefined) return listOpen(session);
  const state = foldJournal(await journal.read(id));
  if (!state) throw noSuchRollback(id, await journal.list());
  const paint = painter(io, !globals.color);
  const progress = globals.output === 'text' ? liveProgress(io, paint) : silent;
  if (globals.dryRun)
    return {
      kind: 'Plan',
      data: { plan: state.plan, done: [...state.done] },
      lines: planLines(state.plan, paint),
      exitCode: ExitCode.Done,
    };
  if (globals.output === 'text')
    io.stderr.write(`${planLines(state.plan, paint).join('\n')}\n${state.done.size} of ${state.plan.steps.length} steps are done\n`);
  if (!(await confirm(io, 'Go on?', globals.yes)))
    return { kind: 'Plan', data: { plan: state.plan, declined: true }, lines: ['nothing was changed'], exitCode: ExitCode.Refused };
  const engine = await session.engine(state.plan.target, progress.listen);
  const verify = state.plan.steps.find((step) => step.kind === 'verify');
  const report = await resumeRollback(engine, id, {
    steadyMs: verify?.steadyMs ?? 0,
    httpChecks: verify?.httpChecks ?? [],
    wait: verify !== undefined,
    timeoutMs: durationOf('--timeout', globals.timeout),
    confirm: () => confirm(io, 'The branch moved and the plan is another one now. Go on?', globals.yes),
  });
  progress.end();
  return reportResult(report, paint);
}

/** What failed, else before which step it was interrupted. */
function whereItStands({ plan, done, finished, lastFailure }: JournalState): string {
  if (lastFailure || finished) return (lastFailure ?? finished)?.message ?? '';
  const index = plan.steps.findIndex((_, step) => !done.has(step));
  return index < 0
    ? 'every step is done; it was interrupted at the very end'
    : `interrupted at step ${index + 1}: ${describeStep(plan.steps[index] as Step)}`;
}

async function listOpen(session: Session): Promise<Result> {
  const journal = await session.journal();
  const paint = painter(session.io, !session.globals.color);
  const states = await Promise.all(
    (await journal.list()).slice(0, 50).map(async (id) => ({ id, state: foldJournal(await journal.read(id)) })),
  );
  const open = states.flatMap(({ id, state }) => (state && isOpen(state) ? [{ id, state }] : []));
  const rows = open.map(({ id, state }) => [
    id,
    formatTarget(state.plan.target),
    age(state.startedAt, session.clock.now()),
    `${state.done.size}/${state.plan.steps.length}`,
    printable(whereItStands(state)),
  ]);
  const lines = rows.length ? table(['ID', 'TARGET', 'AGE', 'STEPS', 'WHERE IT STANDS'], rows, paint) : ['no rollback is open'];
  const data = {
    rollbacks: open.map(({ id, state }) => ({
      id,
      target: formatTarget(state.plan.target),
      startedAt: state.startedAt,
      done: [...state.done],
      lastFailure: state.lastFailure,
    })),
  };
  return { kind: 'RollbackList', data, lines, exitCode: ExitCode.Done };
}
