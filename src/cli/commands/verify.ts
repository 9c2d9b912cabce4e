/** `ebb verify TARGET`: step 3 of the guide, by itself. */

import { commitOf } from '../../api/revision.ts';
import { formatTarget } from '../../api/target.ts';
import { ExitCode } from '../../core/failure.ts';
import { observeSource, observeTarget } from '../../observe/target.ts';
import type { StepOutcome } from '../../steps/step.ts';
import { verifyNow } from '../../steps/verify.ts';
import { durationOf, targetOf } from '../globals.ts';
import { liveProgress, silent } from '../output/progress.ts';
import { checkLines } from '../output/report.ts';
import type { Result } from '../result.ts';
import type { Session } from '../session.ts';
import { painter, printable } from '../terminal.ts';

export interface VerifyFlags {
  revision?: string;
  httpCheck?: string[];
  steady: string;
}

export async function verify(session: Session, targetText: string, flags: VerifyFlags): Promise<Result> {
  const { globals, io } = session;
  const target = targetOf(targetText, globals);
  const paint = painter(io, !globals.color);
  const cluster = await session.cluster();
  const state = await observeTarget(cluster, target);
  const pinned = state.hold?.commit;
  const repo = target.kind === 'Kustomization' ? await session.repository(target).catch(() => undefined) : undefined;
  const wanted =
    flags.revision !== undefined
      ? ((await repo?.resolve(flags.revision)) ?? flags.revision)
      : (pinned ?? (target.kind === 'Kustomization' ? commitOf((await observeSource(cluster, target)).source.revision) : undefined));
  const progress = globals.output === 'text' ? liveProgress(io, paint) : silent;
  const began = session.clock.now().getTime();
  const step = {
    kind: 'verify' as const,
    target,
    revision:
      pinned !== undefined && flags.revision === undefined
        ? ({ kind: 'exactly', commit: pinned } as const)
        : ({ kind: 'contains', commit: wanted ?? null } as const),
    symptoms: [],
    httpChecks: [...new Set([...state.httpChecks, ...(flags.httpCheck ?? [])])],
    steadyMs: durationOf('--steady', flags.steady),
  };
  progress.listen({ event: 'step-started', index: 0, total: 1, step, text: `verify ${formatTarget(target)}` });
  const outcome = await verifyNow(step, {
    cluster,
    repo,
    clock: session.clock,
    rollbackId: undefined,
    commit: wanted,
    signal: io.signal,
    deadline: new Date(began + durationOf('--timeout', globals.timeout)),
    progress: (message) => progress.listen({ event: 'step-progress', index: 0, message }),
  });
  progress.end();
  return resultOf(outcome, formatTarget(target), paint);
}

function resultOf(outcome: StepOutcome, name: string, paint: ReturnType<typeof painter>): Result {
  const verdict = 'verdict' in outcome ? outcome.verdict : undefined;
  const good = outcome.kind === 'done';
  const head = good ? `${paint('green', '✓')} ${paint('bold', name)} is well` : `${paint('red', '✗')} ${paint('bold', name)} is not well`;
  const next = outcome.kind === 'failed' || outcome.kind === 'timed-out' ? outcome.next : [];
  const lines = [
    head,
    ...(verdict ? checkLines(verdict, paint) : []),
    ...next.map((text, index) => `  ${(index === 0 ? 'next' : '').padEnd(9)}${printable(text)}`),
  ];
  const exitCode = good ? ExitCode.Done : outcome.kind === 'timed-out' ? ExitCode.TimedOut : ExitCode.Failed;
  return { kind: 'Verdict', data: { target: name, verified: good, ...(verdict ?? {}) }, lines, exitCode };
}
