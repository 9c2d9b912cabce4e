/** `ebb status [TARGET]`: step 1 of the guide on one screen. */
import { findCondition } from '../../api/conditions.ts';
import { HELM_RELEASE, KUSTOMIZATION, READY } from '../../api/flux.ts';
import type { Condition, KubeObject } from '../../api/kube.ts';
import { formatTarget, type Target } from '../../api/target.ts';
import { diagnose } from '../../core/diagnosis/diagnose.ts';
import { ExitCode, Failure } from '../../core/failure.ts';
import type { DeploymentRecord } from '../../core/history/record.ts';
import { holdOf } from '../../core/holds/hold.ts';
import { foldJournal } from '../../core/journal.ts';
import type { SourceState } from '../../core/world.ts';
import { observeFluxEvents } from '../../observe/events.ts';
import { observeHealth } from '../../observe/health.ts';
import { observeHistory, withImages } from '../../observe/history.ts';
import { Lacks } from '../../observe/lacks.ts';
import { observeRendering } from '../../observe/rendering.ts';
import { observeSource } from '../../observe/target.ts';
import { targetOf } from '../globals.ts';
import { type StatusView, statusLines, type TargetRow, targetTable } from '../output/status.ts';
import type { Result } from '../result.ts';
import type { Session } from '../session.ts';
import { painter } from '../terminal.ts';

/** How many deployments `status` looks back for the last good one. */
const DEPTH = 10;

export async function status(session: Session, targetText: string | undefined): Promise<Result> {
  return targetText === undefined ? statusOfAll(session) : statusOfOne(session, targetOf(targetText, session.globals));
}

async function statusOfAll(session: Session): Promise<Result> {
  const cluster = await session.cluster();
  const kinds = await Promise.all(
    [KUSTOMIZATION, HELM_RELEASE].map(async (kind) => ((await cluster.serves(kind)) ? cluster.list<KubeObject>(kind) : [])),
  );
  if (!(await cluster.serves(KUSTOMIZATION)))
    throw new Failure('KindNotServed', `${cluster.name} does not serve Kustomizations of Flux`, {
      causes: ['Flux is not installed there', 'this is another cluster than you think'],
      next: ['flux check', 'kubectl config get-contexts'],
    });
  const rows = kinds
    .flat()
    .map(rowOf)
    .sort((a, b) => rank(a) - rank(b) || a.target.localeCompare(b.target));
  const lines = targetTable(rows, session.clock.now(), painter(session.io, !session.globals.color));
  return { kind: 'StatusList', data: { cluster: cluster.name, targets: rows }, lines, exitCode: ExitCode.Done };
}

function rowOf(object: KubeObject): TargetRow {
  const state = object.status as { conditions?: Condition[]; lastAttemptedRevision?: string } | undefined;
  const ready = findCondition(state?.conditions, READY);
  const hold = holdOf(object);
  const target = { kind: object.kind as Target['kind'], namespace: object.metadata.namespace ?? '', name: object.metadata.name };
  return {
    target: formatTarget(target),
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason ?? '',
    message: ready?.message ?? '',
    revision: state?.lastAttemptedRevision ?? '',
    ...(hold ? { hold } : {}),
  };
}

/** What is wrong first. */
function rank(row: TargetRow): number {
  return row.ready === 'False' ? 0 : row.ready === 'Unknown' ? 1 : row.hold ? 2 : 3;
}

async function statusOfOne(session: Session, target: Target): Promise<Result> {
  const cluster = await session.cluster();
  const observedSource =
    target.kind === 'Kustomization' ? await observeSource(cluster, target).catch((error: unknown) => onlyFailure(error)) : undefined;
  const source = observedSource && 'source' in observedSource ? observedSource.source : undefined;
  const lacks = new Lacks();
  const [health, events, openRollbacks] = await Promise.all([
    observeHealth(cluster, target, { logs: true, owned: true }),
    observeFluxEvents(cluster, target, lacks),
    openRollbacksOf(session, target),
  ]);
  const git = source
    ? await historyOf(session, health.target, source, events)
    : {
        deployments: [] as DeploymentRecord[],
        notes: [] as string[],
        gitTrouble: observedSource && !('source' in observedSource) ? observedSource.message : undefined,
      };
  const view: StatusView = {
    cluster: cluster.name,
    target: health.target,
    ...(source ? { source } : {}),
    workloads: health.workloads,
    findings: diagnose(health.target, source, health.workloads),
    events: events.slice(0, 6),
    deployments: git.deployments,
    ...(git.gitTrouble ? { gitTrouble: git.gitTrouble } : {}),
    openRollbacks,
    notes: [...new Set([...health.notes, ...lacks.notes, ...git.notes])],
  };
  const lines = statusLines(view, session.clock.now(), painter(session.io, !session.globals.color));
  return { kind: 'Status', data: { ...view }, lines, exitCode: ExitCode.Done };
}

/** A target whose source is missing or is no Git repository still has a status. A broken cluster ends the command. */
function onlyFailure(error: unknown): Failure {
  if (error instanceof Failure && (error.code === 'SourceNotFound' || error.code === 'SourceUnsupported')) return error;
  throw error;
}

/** What Git says; `status` does not fail when Git cannot be reached. */
async function historyOf(
  session: Session,
  state: StatusView['target'],
  source: SourceState,
  events: StatusView['events'],
): Promise<{ deployments: DeploymentRecord[]; notes: string[]; gitTrouble?: string }> {
  const { target } = state;
  try {
    const [repo, renderer, cluster] = await Promise.all([session.repository(target), session.renderer(), session.cluster()]);
    const [head, rendering] = await Promise.all([
      repo.fetch(),
      observeRendering(cluster, state.build ?? {}, target.namespace, source.ignore),
    ]);
    const records = await observeHistory(repo, renderer, state, { head, limit: DEPTH, events, rendering });
    const shown = records.filter((record, index) => index === 0 || record.running || record.lastGood);
    return { deployments: await withImages(repo, renderer, rendering, shown), notes: rendering.notes };
  } catch (error) {
    if (error instanceof Failure && error.code !== 'Interrupted') return { deployments: [], notes: [], gitTrouble: error.message };
    throw error;
  }
}

/** Rollbacks of this target that were interrupted or failed on this machine. */
async function openRollbacksOf(session: Session, target: Target): Promise<{ id: string; startedAt: string }[]> {
  const journal = await session.journal();
  const ids = (await journal.list()).slice(0, 20);
  const states = await Promise.all(ids.map(async (id) => ({ id, state: foldJournal(await journal.read(id)) })));
  return states.flatMap(({ id, state }) =>
    state && formatTarget(state.plan.target) === formatTarget(target) && state.finished === undefined
      ? [{ id, startedAt: state.startedAt }]
      : [],
  );
}
