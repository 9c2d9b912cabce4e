/** `ebb suspend`, `resume`, `unpin`, `suspended`: holds by hand. */
import { formatTarget, type Target } from '../../api/target.ts';
import type { Sha } from '../../core/commit.ts';
import { ExitCode, Failure } from '../../core/failure.ts';
import { contestedFields } from '../../core/hazards/contested.ts';
import type { Hazard } from '../../core/hazards/hazard.ts';
import { holdEnd, isExpired } from '../../core/holds/hold.ts';
import type { ExpectedRevision, Refusal, Step } from '../../core/plan/plan.ts';
import type { Consumer, SourceState } from '../../core/world.ts';
import type { EngineEvent } from '../../engine/engine.ts';
import { endExpired, type HeldObject, type HoldContext, listHolds, runSteps } from '../../engine/holds.ts';
import { observeReturning, type Returning } from '../../engine/returning.ts';
import { observeConsumers, observeSource, observeTarget } from '../../observe/target.ts';
import { describeStep } from '../../steps/list.ts';
import type { StepOutcome } from '../../steps/step.ts';
import { actorOf } from '../actor.ts';
import { durationOf, targetOf } from '../globals.ts';
import { refusalLines } from '../output/plan.ts';
import { liveProgress, type Progress, silent } from '../output/progress.ts';
import { returningLines } from '../output/returning.ts';
import { holdText } from '../output/status.ts';
import { confirm } from '../prompt.ts';
import { type Result, writeDocument } from '../result.ts';
import type { Session } from '../session.ts';
import { age, type Paint, painter, printable, printableLine, table } from '../terminal.ts';

export interface SuspendFlags {
  reason?: string;
  for?: string;
}

export async function suspend(session: Session, targetText: string, flags: SuspendFlags): Promise<Result> {
  const { globals, io, clock } = session;
  const target = targetOf(targetText, globals);
  const forMs = flags.for === undefined ? undefined : durationOf('--for', flags.for);
  const actor = await actorOf(globals.author, io);
  const state = await observeTarget(await session.cluster(), target);
  const contested = contestedFields({ target: state, strategy: 'suspend' });
  if (contested.length) return contestedResult(session, contested);
  const until = forMs === undefined ? undefined : holdEnd(clock.now(), forMs);
  const step: Step = {
    kind: 'suspend',
    target,
    reason: flags.reason ?? '',
    by: `${actor.name} <${actor.email}>`,
    ...(until ? { until } : {}),
  };
  const held =
    state.suspended && state.hold ? [`it is already ${holdText(state.hold, clock.now())}; this replaces who, why and until when`] : [];
  return carryOut(session, target, [step], {
    question: `Suspend ${formatTarget(target)}?`,
    notes: held,
    undo: `ebb resume ${formatTarget(target)}`,
  });
}

/** Somebody else would undo it, at a time of their own: no hold is better than one that is believed and gone. */
function contestedResult({ io, globals }: Session, hazards: Hazard[]): Result {
  const message = hazards.map((hazard) => hazard.evidence).join('; ');
  const refusal: Refusal = { kind: 'refused', reason: 'HazardBlocks', message, next: hazards.map((hazard) => hazard.advice) };
  const lines = refusalLines(refusal, painter(io, !globals.color));
  return { kind: 'Refusal', data: { refusal: { ...refusal, hazards } }, lines, exitCode: ExitCode.Refused };
}

export interface ResumeFlags {
  /** commander's `--no-wait`. */
  wait: boolean;
}

export async function resume(session: Session, targetText: string, flags: ResumeFlags): Promise<Result> {
  const target = targetOf(targetText, session.globals);
  const cluster = await session.cluster();
  const state = await observeTarget(cluster, target);
  const steps: Step[] = [{ kind: 'resume', target }];
  // Beneath a suspension there may be a pin, which stays: then nothing of Git comes.
  const returns = target.kind === 'Kustomization' && state.suspended && state.hold?.commit === undefined;
  const returning = returns ? await returningOf(session, target, flags) : undefined;
  if (flags.wait && target.kind === 'Kustomization' && state.suspended)
    steps.push(...(await following(session, target, state.hold?.commit, returning)));
  return carryOut(session, target, steps, {
    question: `Resume ${formatTarget(target)}?`,
    notes: [],
    ...(returning ? { returning } : {}),
    undo: `ebb suspend ${formatTarget(target)}`,
  });
}

export async function unpin(session: Session, targetText: string, flags: ResumeFlags): Promise<Result> {
  const target = targetOf(targetText, session.globals);
  if (target.kind !== 'Kustomization') throw new Failure('UsageError', 'only Kustomizations are pinned', { next: ['ebb suspended'] });
  const cluster = await session.cluster();
  const { source } = await observeSource(cluster, target);
  const state = await observeTarget(cluster, target);
  const pinned = state.hold?.commit ?? source.hold?.commit;
  const steps: Step[] = [{ kind: 'unpin', target }];
  const returning = pinned === undefined ? undefined : await returningOf(session, target, flags);
  if (flags.wait && pinned !== undefined && !state.suspended) steps.push(...(await following(session, target, undefined, returning)));
  const shared = pinned !== undefined && state.hold?.commit === undefined;
  const readers = shared ? await observeConsumers(cluster, source, target) : [];
  const others = readers.filter(({ hold }) => hold?.commit === undefined);
  return carryOut(session, target, steps, {
    question: `Unpin ${formatTarget(target)}?`,
    notes: pinned === undefined ? [] : unpinNotes(target, source, others, returning),
    ...(returning ? { returning } : {}),
    undo: `ebb pin ${formatTarget(target)} --to ${pinned?.slice(0, 12) ?? 'REVISION'}${others.length ? ' --scope source' : ''}`,
  });
}

function unpinNotes(target: Target, source: SourceState, others: readonly Consumer[], returning: Returning | undefined): string[] {
  const follows = `it follows ${source.branch ?? 'its source'} again`;
  const nothing = returning?.commits.length === 0 && returning.changes?.length === 0;
  const what =
    returning === undefined ? ', whatever Git has by now' : nothing ? ': nothing changes' : ': what it was pinned away from returns';
  return [
    `${follows}${what}`,
    ...(others.length ? [`everyone who reads its source does: ${others.map((other) => formatTarget(other.target)).join(', ')}`] : []),
    ...(nothing ? [] : [`to end the pin with the good version: ebb rollback ${formatTarget(target)} lands the revert first`]),
  ];
}

/** What Git brings; without `--wait` a Git that cannot be reached is no reason to stop. @throws Failure of the cluster, of Git. */
async function returningOf(session: Session, target: Target, flags: ResumeFlags): Promise<Returning | undefined> {
  try {
    const [cluster, repo, renderer] = await Promise.all([session.cluster(), session.repository(target), session.renderer()]);
    return await observeReturning({ cluster, repo, renderer }, target);
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'Interrupted') throw error;
    if (!flags.wait) return undefined;
    throw new Failure(error.code, error.message, {
      ...(error.seen ? { seen: error.seen } : {}),
      causes: [...error.causes],
      next: [...error.next, '--no-wait goes on without looking at Git'],
      ...(error.permission ? { permission: error.permission } : {}),
      cause: error,
    });
  }
}

/** Waiting for Flux to take up the head of the branch, or what is pinned, and for the target to get well. */
async function following(session: Session, target: Target, pinned: Sha | undefined, returning: Returning | undefined): Promise<Step[]> {
  if (pinned !== undefined) return untilWell(target, { kind: 'exactly', commit: pinned });
  if (returning === undefined) return [];
  const { source } = await observeSource(await session.cluster(), target);
  const fetch: Step = { kind: 'fetch-source', source: source.name, commit: returning.head };
  return [fetch, ...untilWell(target, { kind: 'contains', commit: returning.head })];
}

function untilWell(target: Target, revision: ExpectedRevision): Step[] {
  return [
    { kind: 'reconcile', target, revision },
    { kind: 'verify', target, revision, symptoms: [], httpChecks: [], steadyMs: 1 },
  ];
}

interface Carrying {
  question: string;
  /** What makes it worth a question. */
  notes: string[];
  /** What Git brings. */
  returning?: Returning;
  /** The command that takes it back. */
  undo: string;
}

async function carryOut(session: Session, target: Target, steps: Step[], { question, notes, returning, undo }: Carrying): Promise<Result> {
  const { globals, io } = session;
  const paint = painter(io, !globals.color);
  const brings = returning ? returningLines(returning, paint) : [];
  const planned = [
    ...brings,
    ...(brings.length ? [paint('bold', 'Steps')] : []),
    ...steps.map((step, index) => `  ${index + 1}. ${printable(describeStep(step))}`),
    ...notes.map((note) => `  ${paint('dim', 'note')}  ${printableLine(note)}`),
  ];
  if (globals.dryRun)
    return {
      kind: 'Plan',
      data: { target: formatTarget(target), steps, notes, ...(returning ? { returning } : {}) },
      lines: [...planned, paint('dim', 'dry run: nothing was changed')],
      exitCode: ExitCode.Done,
    };
  if ((notes.length || brings.length) && globals.output === 'text') io.stderr.write(`${planned.join('\n')}\n`);
  // One reversible change of one object is asked for only where a hold would be replaced, or what it keeps away would return.
  if (notes.length && !(await confirm(io, question, globals.yes)))
    return {
      kind: 'Hold',
      data: { target: formatTarget(target), declined: true },
      lines: ['nothing was changed'],
      exitCode: ExitCode.Refused,
    };
  const progress = globals.output === 'text' ? liveProgress(io, paint) : silent;
  const lacking: string[] = [];
  const context = await contextOf(session, target, steps, progress);
  const listen = (event: EngineEvent) => {
    if (event.event === 'note') lacking.push(event.message);
    progress.listen(event);
  };
  const outcome = await runSteps(target, steps, { ...context, listen });
  progress.end();
  const result = holdResult(target, outcome, undo, paint);
  return lacking.length > 0 ? { ...result, data: { ...result.data, notes: lacking } } : result;
}

async function contextOf(session: Session, target: Target, steps: readonly Step[], progress: Progress): Promise<HoldContext> {
  const needsGit = steps.some((step) => step.kind === 'fetch-source');
  const repo = needsGit ? await session.repository(target) : undefined;
  return {
    cluster: await session.cluster(),
    ...(repo ? { repo } : {}),
    clock: session.clock,
    signal: session.io.signal,
    timeoutMs: durationOf('--timeout', session.globals.timeout),
    listen: progress.listen,
  };
}

function holdResult(target: Target, outcome: StepOutcome, undo: string, paint: Paint): Result {
  const data = { target: formatTarget(target), outcome };
  if (outcome.kind === 'done') {
    const lines = [
      `${paint('green', '✓')} ${printableLine(naming(target, outcome.message))}`,
      ...(outcome.found ? [] : [`  ${paint('dim', `undo: ${undo}`)}`]),
    ];
    return { kind: 'Hold', data, lines, exitCode: ExitCode.Done };
  }
  const message = outcome.kind === 'moved' ? 'the branch moved' : outcome.message;
  const next = outcome.kind === 'moved' ? [] : outcome.next;
  const lines = [
    `${paint('red', '✗')} ${printableLine(naming(target, message))}`,
    ...next.map((text, index) => `  ${(index === 0 ? 'next:' : '').padEnd(8)}${printable(text)}`),
  ];
  return { kind: 'Hold', data, lines, exitCode: outcome.kind === 'timed-out' ? ExitCode.TimedOut : ExitCode.Failed };
}

export interface SuspendedFlags {
  enforce?: boolean;
  watch?: boolean;
  allNamespaces?: boolean;
}

export async function suspended(session: Session, flags: SuspendedFlags): Promise<Result> {
  if (flags.watch) return enforceForever(session);
  const { globals, clock, io } = session;
  const cluster = await session.cluster();
  const paint = painter(io, !globals.color);
  const held = await listHolds(cluster, clock.now());
  if (!flags.enforce || globals.dryRun) return listResult(held, clock.now(), paint);
  const ended = await endExpired(await contextOf(session, { kind: 'Kustomization', namespace: '', name: '' }, [], silent), held);
  const lines = ended.map((one) => endedLine(one, paint));
  const failed = ended.some(({ outcome }) => outcome.kind !== 'done');
  return {
    kind: 'HoldList',
    data: { ended, holds: held.filter((object) => !object.expired) },
    lines: lines.length ? lines : ['no hold has run out'],
    exitCode: failed ? ExitCode.Failed : ExitCode.Done,
  };
}

function listResult(held: readonly HeldObject[], now: Date, paint: Paint): Result {
  const rows = held.map((object) => [
    `${object.kind.toLowerCase()}/${object.namespace}/${object.name}`,
    `${object.hold.kind === 'pin' ? `pinned to ${object.hold.commit?.slice(0, 8)}` : 'suspended'}${undoneBy(object, paint)}`,
    printableLine(object.hold.by ?? (object.hold.manager ? `(${object.hold.manager})` : '(unknown)')),
    age(object.hold.since, now),
    untilText(object, now, paint),
    printableLine(object.hold.reason || '-'),
  ]);
  const expired = held.some((object) => object.expired)
    ? [paint('yellow', 'some holds have run out: ebb suspended --enforce ends them')]
    : [];
  const lines = rows.length
    ? [...table(['TARGET', 'HELD', 'BY', 'SINCE', 'UNTIL', 'REASON'], rows, paint), ...expired]
    : ['nothing is held: every target follows Git'];
  return { kind: 'HoldList', data: { holds: held }, lines, exitCode: ExitCode.Done };
}

function undoneBy({ undone }: HeldObject, paint: Paint): string {
  return undone ? paint('red', `, UNDONE by ${printableLine(undone.undoneBy ?? 'someone')}`) : '';
}

function untilText({ hold, expired }: HeldObject, now: Date, paint: Paint): string {
  if (hold.until === undefined) return 'no end';
  return expired ? paint('red', `EXPIRED ${age(hold.until, now)} ago`) : `${age(now.toISOString(), new Date(hold.until))} left`;
}

function endedLine({ held, outcome }: { held: HeldObject; outcome: StepOutcome }, paint: Paint): string {
  const message = outcome.kind === 'moved' ? 'the branch moved' : outcome.message;
  const sign = outcome.kind === 'done' ? paint('green', '✓') : paint('red', '✗');
  return `${sign} ${printableLine(naming(held, message))}`;
}

/** Messages of most steps name their object already. */
function naming({ kind, namespace, name }: Pick<HeldObject, 'kind' | 'namespace' | 'name'>, message: string): string {
  const full = `${kind.toLowerCase()}/${namespace}/${name}`;
  return message.includes(full) ? message : `${full}: ${message}`;
}

/** `--watch`: ends each hold when its time comes, until interrupted. */
async function enforceForever(session: Session): Promise<Result> {
  const { io, clock } = session;
  const cluster = await session.cluster();
  const paint = painter(io, !session.globals.color);
  while (!io.signal.aborted) {
    const held = await listHolds(cluster, clock.now());
    const context = await contextOf(session, { kind: 'Kustomization', namespace: '', name: '' }, [], silent);
    for (const one of await endExpired(context, held)) {
      if (session.globals.output === 'text') io.stdout.write(`${endedLine(one, paint)}\n`);
      else await writeDocument(io, session.globals.output, 'HoldEnded', { ...one });
    }
    const waits = held
      .filter((object) => object.hold.until !== undefined && !isExpired(object.hold, clock.now()))
      .map((object) => Date.parse(object.hold.until as string) - clock.now().getTime());
    await clock.sleep(Math.min(10_000, ...waits), io.signal).catch(() => undefined);
  }
  return { kind: 'HoldList', lines: [], exitCode: ExitCode.Done };
}
