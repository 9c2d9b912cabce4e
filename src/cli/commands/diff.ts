/** `ebb diff TARGET --to REV`: what would change in the cluster, in rendered objects; and what somebody changed there. */
import { formatTarget } from '../../api/target.ts';
import { ExitCode, Failure } from '../../core/failure.ts';
import { type ComparisonRequest, compareVersions } from '../../engine/compare.ts';
import { targetOf } from '../globals.ts';
import { comparisonLines } from '../output/comparison.ts';
import type { Result } from '../result.ts';
import type { Session } from '../session.ts';
import { painter } from '../terminal.ts';

export async function diff(session: Session, targetText: string, request: ComparisonRequest): Promise<Result> {
  const { globals, io } = session;
  const target = targetOf(targetText, globals);
  if (target.kind !== 'Kustomization')
    throw new Failure('UsageError', 'what a HelmRelease is made of is in the Kustomization that applies it', {
      next: ['ebb diff KUSTOMIZATION --to REVISION'],
    });
  const [cluster, renderer, repo] = await Promise.all([session.cluster(), session.renderer(), session.repository(target)]);
  const comparison = await compareVersions({ cluster, renderer, repo }, target, request);
  const { from, to, changes, drift, notes } = comparison;
  return {
    kind: 'Diff',
    data: {
      target: formatTarget(target),
      from: { commit: from.sha, subject: from.subject },
      to: { commit: to.sha, subject: to.subject },
      changes,
      drift,
      ...(notes.length ? { notes } : {}),
    },
    lines: comparisonLines(target, comparison, { paint: painter(io, !globals.color), now: session.clock.now() }),
    patch: async () => (await import('../output/patch.ts')).patchOf(comparison),
    paged: true,
    exitCode: ExitCode.Done,
  };
}
