/** `ebb rollback TARGET`: plan, show, ask, execute, watch, verify, report. */
import { isRefName } from '../../adapters/git/revision-name.ts';
import { formatTarget, type Target } from '../../api/target.ts';
import { ExitCode, Failure } from '../../core/failure.ts';
import type { Plan, Refusal, Request, Strategy } from '../../core/plan/plan.ts';
import type { Engine } from '../../engine/engine.ts';
import { helmRefusal } from '../../engine/observe-for-plan.ts';
import { type PlanOptions, planRollback } from '../../engine/plan-rollback.ts';
import { type Report, runRollback } from '../../engine/run-rollback.ts';
import { actorOf, parsePerson } from '../actor.ts';
import { durationOf, targetOf } from '../globals.ts';
import { planLines, refusalLines } from '../output/plan.ts';
import { liveProgress, type Progress, silent } from '../output/progress.ts';
import { reportLines } from '../output/report.ts';
import { ask, canAsk, confirm } from '../prompt.ts';
import type { Result } from '../result.ts';
import type { Session } from '../session.ts';
import { painter } from '../terminal.ts';

export interface RollbackFlags {
  to?: string;
  commit?: string[];
  strategy: string;
  mainline?: string;
  reason?: string;
  accept?: string[];
  pushBranch?: string;
  for?: string;
  scope?: string;
  httpCheck?: string[];
  steady: string;
  waitOutTimeout?: boolean;
  only?: boolean;
  /** commander's `--no-restart`. */
  restart: boolean;
  /** commander's `--no-wait`. */
  wait: boolean;
}

const STRATEGIES: Strategy[] = ['revert', 'restore', 'pin', 'suspend'];

export async function rollback(session: Session, targetText: string, flags: RollbackFlags): Promise<Result> {
  const { globals, io } = session;
  const target = targetOf(targetText, globals);
  const paint = painter(io, !globals.color);
  const progress = globals.output === 'text' ? liveProgress(io, paint) : silent;
  const request = await requestOf(session, target, flags);
  // The source that a HelmRelease names is no repository that could be opened.
  if (target.kind !== 'Kustomization') return refused(await helmRefusal(await session.cluster(), target), paint);
  const engine = await session.engine(target, progress.listen);
  const options = { steadyMs: durationOf('--steady', flags.steady), httpChecks: flags.httpCheck ?? [], wait: flags.wait };
  const plan = await planRollback(engine, request, options);
  if ('kind' in plan) return refused(plan, paint);
  if (globals.dryRun)
    return {
      kind: 'Plan',
      data: { plan },
      lines: [...planLines(plan, paint), paint('dim', 'dry run: nothing was changed')],
      exitCode: ExitCode.Done,
    };
  if (globals.output === 'text') io.stderr.write(`${planLines(plan, paint).join('\n')}\n`);
  if (!(await confirm(io, 'Roll back?', globals.yes)))
    return { kind: 'Plan', data: { plan, declined: true }, lines: ['nothing was changed'], exitCode: ExitCode.Refused };
  const report = await execute(session, engine, plan, options, progress);
  progress.end();
  return offerAfterRefusedPush(session, targetText, flags, report, paint);
}

async function execute(session: Session, engine: Engine, plan: Plan, options: PlanOptions, progress: Progress): Promise<Report> {
  const { globals, io } = session;
  const paint = painter(io, !globals.color);
  return runRollback(engine, plan, {
    ...options,
    timeoutMs: durationOf('--timeout', globals.timeout),
    confirm: async (changed) => {
      progress.end();
      if (globals.output === 'text') io.stderr.write(`${planLines(changed, paint).join('\n')}\n`);
      return confirm(io, 'The branch moved and this is the plan now. Go on?', globals.yes);
    },
  });
}

async function requestOf(session: Session, target: Target, flags: RollbackFlags): Promise<Request> {
  const { globals, io } = session;
  const strategy = STRATEGIES.find((name) => name === flags.strategy);
  if (!strategy) throw new Failure('UsageError', `--strategy takes ${STRATEGIES.join(', ')}, not "${flags.strategy}"`);
  if (flags.to !== undefined && flags.commit?.length)
    throw new Failure('UsageError', '--to and --commit exclude each other', {
      next: ['--to says where to go back to, --commit which commits to take back'],
    });
  if (flags.commit?.length && strategy !== 'revert' && strategy !== 'suspend')
    throw new Failure('UsageError', `--commit goes with --strategy revert, not with ${strategy}`);
  if (flags.scope !== undefined && flags.scope !== 'target' && flags.scope !== 'source')
    throw new Failure('UsageError', `--scope takes target or source, not "${flags.scope}"`);
  if (flags.pushBranch !== undefined && !isRefName(flags.pushBranch))
    throw new Failure('UsageError', `--push-branch takes the name of a branch, not ${JSON.stringify(flags.pushBranch)}`);
  const mainline = flags.mainline === undefined ? undefined : Number(flags.mainline);
  if (mainline !== undefined && (!Number.isInteger(mainline) || mainline < 1))
    throw new Failure('UsageError', `--mainline takes the number of a parent, from 1, not "${flags.mainline}"`);
  const actor = globals.author === undefined ? await actorOf(undefined, io) : parsePerson(globals.author);
  return {
    target,
    strategy,
    actor,
    trigger: 'manual',
    accept: flags.accept ?? [],
    ...(flags.to === undefined ? {} : { to: flags.to }),
    ...(flags.commit?.length ? { commits: flags.commit } : {}),
    ...(mainline === undefined ? {} : { mainline }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.pushBranch === undefined ? {} : { pushBranch: flags.pushBranch }),
    ...(flags.for === undefined ? {} : { pinForMs: durationOf('--for', flags.for) }),
    ...(flags.waitOutTimeout ? { waitOutTimeout: true } : {}),
    ...(flags.restart ? {} : { restart: false as const }),
    ...(flags.only ? { only: true as const } : {}),
    ...(flags.scope === undefined ? {} : { pinScope: flags.scope as 'target' | 'source' }),
  };
}

function refused(refusal: Refusal, paint: ReturnType<typeof painter>): Result {
  const nothingToDo = refusal.reason === 'AlreadyReverted' || refusal.reason === 'AlreadyThere';
  return {
    kind: 'Refusal',
    data: { refusal },
    lines: refusalLines(refusal, paint),
    exitCode: nothingToDo ? ExitCode.Done : ExitCode.Refused,
  };
}

/** A push refused by protection: the same commit can go to a branch, or a pin can bring the good version back now. */
async function offerAfterRefusedPush(
  session: Session,
  targetText: string,
  flags: RollbackFlags,
  report: Report,
  paint: ReturnType<typeof painter>,
): Promise<Result> {
  const { globals, io } = session;
  const refusedPush = report.outcome === 'failed' && report.message.startsWith('push to') && flags.strategy !== 'pin';
  if (refusedPush && globals.output === 'text' && !globals.yes && canAsk(io)) {
    io.stderr.write(`${reportLines(report, paint).join('\n')}\n`);
    const answer = (await ask(io, 'Pin the last good version now [p], push to a branch of its own [b], or stop [s]? '))
      .trim()
      .toLowerCase();
    if (answer === 'p') return rollback(session, targetText, { ...flags, strategy: 'pin' });
    if (answer === 'b') return rollback(session, targetText, { ...flags, pushBranch: `ebb/${report.id}` });
  }
  return reportResult(report, paint);
}

export function reportResult(report: Report, paint: ReturnType<typeof painter>): Result {
  const exitCode = { succeeded: ExitCode.Done, failed: ExitCode.Failed, 'timed-out': ExitCode.TimedOut, refused: ExitCode.Refused }[
    report.outcome
  ];
  const verified = report.verdict?.outcome === 'good';
  return {
    kind: 'Rollback',
    data: { target: formatTarget(report.plan.target), verified, ...report },
    lines: reportLines(report, paint),
    exitCode,
  };
}
