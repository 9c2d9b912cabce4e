/** `ebb history TARGET`: what was deployed when, from Git and Flux, newest first. */
import { formatTarget } from '../../api/target.ts';
import { ExitCode, Failure } from '../../core/failure.ts';
import type { DeploymentRecord, Outcome } from '../../core/history/record.ts';
import { observeFluxEvents } from '../../observe/events.ts';
import { observeHistory, withImages } from '../../observe/history.ts';
import { Lacks } from '../../observe/lacks.ts';
import { observeRendering } from '../../observe/rendering.ts';
import { observeSource, observeTarget } from '../../observe/target.ts';
import { targetOf } from '../globals.ts';
import { imageText } from '../output/changes.ts';
import { noteLines } from '../output/report.ts';
import type { Result } from '../result.ts';
import type { Session } from '../session.ts';
import { age, type Colour, type Paint, painter, printable, table } from '../terminal.ts';

export interface HistoryFlags {
  limit: string;
}

const COLOUR: Record<Outcome, Colour> = {
  succeeded: 'green',
  failed: 'red',
  progressing: 'cyan',
  'rolled-back': 'yellow',
  reverted: 'yellow',
  pending: 'dim',
  unknown: 'dim',
};

export async function history(session: Session, targetText: string, flags: HistoryFlags): Promise<Result> {
  const { globals, io } = session;
  const target = targetOf(targetText, globals);
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new Failure('UsageError', `--limit takes a number from 1, not "${flags.limit}"`);
  if (target.kind !== 'Kustomization')
    throw new Failure('UsageError', 'history of a HelmRelease is that of the Kustomization that applies it', {
      next: [`flux trace ${target.name} --kind HelmRelease --api-version helm.toolkit.fluxcd.io/v2 -n ${target.namespace}`],
    });
  const [cluster, renderer] = await Promise.all([session.cluster(), session.renderer()]);
  const lacks = new Lacks();
  const [state, { source }, repo, events] = await Promise.all([
    observeTarget(cluster, target),
    observeSource(cluster, target),
    session.repository(target),
    observeFluxEvents(cluster, target, lacks),
  ]);
  const [head, rendering] = await Promise.all([
    repo.fetch(),
    observeRendering(cluster, state.build ?? {}, target.namespace, source.ignore),
  ]);
  const records = await observeHistory(repo, renderer, state, { head, limit, events, rendering });
  const shown = await withImages(repo, renderer, rendering, records.slice(0, limit));
  const notes = [...lacks.notes, ...rendering.notes];
  const paint = painter(io, !globals.color);
  const lines = [...historyLines(shown, session.clock.now(), paint), ...noteLines(notes, paint)];
  return {
    kind: 'History',
    data: {
      target: formatTarget(target),
      repository: repo.url,
      branch: repo.branch,
      deployments: shown,
      ...(notes.length ? { notes } : {}),
    },
    lines,
    exitCode: ExitCode.Done,
  };
}

export function historyLines(records: readonly DeploymentRecord[], now: Date, paint: Paint): string[] {
  if (records.length === 0) return ['no commit touches what this target is built from'];
  const rows = records.map((record) => [
    `${record.running ? paint('cyan', '▶') : ' '}${record.lastGood ? paint('green', '✓') : ' '}`,
    paint('yellow', record.commit.slice(0, 8)),
    age(record.committedAt, now),
    printable(record.author.name),
    paint(COLOUR[record.outcome], record.outcome),
    printable((record.images ?? []).map(imageText).join(', ')) || '-',
    printable(record.subject),
  ]);
  return [
    ...table(['', 'COMMIT', 'AGE', 'AUTHOR', 'OUTCOME', 'IMAGES', 'SUBJECT'], rows, paint),
    paint('dim', '▶ running   ✓ last good: where ebb rollback goes'),
  ];
}
