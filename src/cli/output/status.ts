/** The status screen: how it is, why it fails, what runs, what happened, what to type next. */
import { findCondition } from '../../api/conditions.ts';
import { READY } from '../../api/flux.ts';
import { formatRef } from '../../api/kube.ts';
import { shortRevision } from '../../api/revision.ts';
import { formatTarget } from '../../api/target.ts';
import type { Finding } from '../../core/diagnosis/finding.ts';
import type { DeploymentRecord } from '../../core/history/record.ts';
import { type Hold, isExpired } from '../../core/holds/hold.ts';
import type { FluxEvent, SourceState, TargetState, WorkloadsState } from '../../core/world.ts';
import { age, type Paint, printable, printableLine, table } from '../terminal.ts';
import { imageText } from './changes.ts';
import { noteLines } from './report.ts';

export interface StatusView {
  cluster: string;
  target: TargetState;
  source?: SourceState;
  workloads: WorkloadsState;
  findings: Finding[];
  events: FluxEvent[];
  /** The newest, the running and the last good deployment. */
  deployments: DeploymentRecord[];
  /** Why Git could not be asked. */
  gitTrouble?: string;
  openRollbacks: { id: string; startedAt: string }[];
  /** What could not be looked at, for want of permission. */
  notes: string[];
}

export interface TargetRow {
  target: string;
  ready: string;
  reason: string;
  message: string;
  revision: string;
  hold?: Hold;
}

const LABEL = 12;

export function statusLines(view: StatusView, now: Date, paint: Paint): string[] {
  return [
    `${paint('bold', formatTarget(view.target.target))}  ${verdict(view, paint)}  ${paint('dim', printable(view.cluster))}`,
    ...facts(view, now, paint),
    ...findings(view.findings, paint),
    ...workloads(view.workloads, now, paint),
    ...events(view.events, now, paint),
    ...noteLines(view.notes, paint),
    ...next(view, now, paint),
  ];
}

function verdict(view: StatusView, paint: Paint): string {
  if (view.findings.some((finding) => finding.severity === 'error')) return paint('red', '✗ failing');
  if (view.target.suspended) return paint('yellow', '■ suspended');
  const ready = findCondition(view.target.conditions, READY);
  if (ready?.status === 'True' && view.findings.every((finding) => finding.severity === 'info')) return paint('green', '✓ well');
  return paint('yellow', '… in progress');
}

function fact(label: string, text: string): string {
  return `  ${label.padEnd(LABEL)}${text}`;
}

function facts(view: StatusView, now: Date, paint: Paint): string[] {
  const { target, source, deployments } = view;
  const running = deployments.find((record) => record.running);
  const newest = deployments[0];
  const lines = [fact('revision', revisionText(target))];
  if (running) lines.push(fact('deployed', deploymentText(running, now, paint)));
  if (running?.images?.length) lines.push(fact('', printable(running.images.map(imageText).join(', '))));
  if (newest && newest !== running)
    lines.push(fact('in Git', `${deploymentText(newest, now, paint)} ${paint('dim', `(${newest.outcome})`)}`));
  if (source)
    lines.push(
      fact(
        'source',
        printable(
          `${source.name.namespace}/${source.name.name} ${source.url}${source.branch ? ` ${source.branch}` : ''}${source.suspended ? ', suspended' : ''}${standsStill(source)}`,
        ),
      ),
    );
  const undone = target.undone ?? source?.undone;
  const hold = undone ?? target.hold ?? source?.hold;
  if (hold) lines.push(fact(undone ? 'was held' : 'held', paint('yellow', holdText(hold, now))));
  if (view.gitTrouble) lines.push(fact('git', paint('yellow', printable(view.gitTrouble))));
  return lines;
}

/** Pinned by others than Ebb, who leave no name. */
function standsStill({ pinnedCommit, hold }: SourceState): string {
  return pinnedCommit === undefined || hold?.commit !== undefined ? '' : `, pinned to ${pinnedCommit.slice(0, 8)} (spec.ref.commit)`;
}

function revisionText(target: TargetState): string {
  const { lastAttemptedRevision: attempted, lastAppliedRevision: applied } = target;
  if (!attempted) return 'nothing applied yet';
  const text = shortRevision(attempted);
  if (attempted === applied) return printable(`${text} applied`);
  return printable(`${text} attempted, ${applied ? shortRevision(applied) : 'nothing'} was the last that got healthy`);
}

function deploymentText(record: DeploymentRecord, now: Date, paint: Paint): string {
  return `${paint('yellow', record.commit.slice(0, 8))} ${printable(`"${record.subject}" by ${record.author.name}`)}, ${age(record.committedAt, now)} ago`;
}

/** `suspended by Ann <ann@…> since 5m, until 2026-…: reason`. */
export function holdText(hold: Hold, now: Date): string {
  const who = hold.by ?? (hold.manager ? `someone through ${hold.manager}` : 'someone');
  const what = hold.kind === 'pin' ? `pinned to ${hold.commit?.slice(0, 8)}` : 'suspended';
  const since = hold.since ? ` ${age(hold.since, now)} ago` : '';
  const until = hold.until ? (isExpired(hold, now) ? ', EXPIRED' : `, for another ${age(now.toISOString(), new Date(hold.until))}`) : '';
  return printableLine(`${what} by ${who}${since}${until}${hold.reason ? `: ${hold.reason}` : ''}`);
}

function findings(list: readonly Finding[], paint: Paint): string[] {
  if (list.length === 0) return [];
  const sign = { error: paint('red', '✗'), warning: paint('yellow', '!'), info: paint('cyan', '·') };
  return [
    paint('bold', 'Why'),
    ...list.flatMap((finding) => [
      `  ${sign[finding.severity]} ${paint('bold', printable(finding.reason))}  ${printable(formatRef(finding.object))}`,
      ...printable(finding.message)
        .split('\n')
        .map((line) => `      ${line}`),
      ...(finding.details ?? []).map((detail) => `      ${printable(detail)}`),
      ...(finding.log ?? []).map((line) => paint('dim', `      | ${printable(line)}`)),
    ]),
  ];
}

function workloads({ workloads: list, services }: WorkloadsState, now: Date, paint: Paint): string[] {
  if (list.length === 0) return [];
  const rows = list.flatMap((workload) => [
    [
      `  ${formatRef(workload.ref)}`,
      `${workload.ready}/${workload.desired}`,
      `${workload.updated}`,
      '',
      workload.health.status,
      printable(workload.health.message),
    ],
    ...workload.pods.map((pod) => {
      const restarts = pod.containers.reduce((sum, container) => sum + container.restarts, 0);
      const waiting = pod.containers.find((container) => container.waiting)?.waiting?.reason;
      const ready = pod.containers.filter((container) => container.ready).length;
      return [
        `    ${pod.name}`,
        `${ready}/${pod.containers.length}`,
        '',
        `${restarts}`,
        pod.terminating ? 'Terminating' : (waiting ?? pod.phase),
        `${age(pod.createdAt, now)}${pod.current ? '' : ', old template'}`,
      ];
    }),
  ]);
  const endpoints = services.map(
    (service) =>
      `  ${formatRef(service.ref)}: ${service.unmanaged ? 'no selector' : `${service.ready} ready endpoints${service.notReady ? `, ${service.notReady} not ready` : ''}`}`,
  );
  return [...table(['Workloads', 'READY', 'UPDATED', 'RESTARTS', 'STATUS', ''], rows, paint), ...endpoints];
}

function events(list: readonly FluxEvent[], now: Date, paint: Paint): string[] {
  if (list.length === 0) return [];
  const rows = list.map((event) => [
    `  ${age(event.last, now)}`,
    event.type,
    event.reason,
    printable(event.message.split('\n').join(', ')),
  ]);
  return table(['Events', 'TYPE', 'REASON', 'MESSAGE'], rows, paint);
}

function next(view: StatusView, now: Date, paint: Paint): string[] {
  const lines = nextCommands(view, now);
  return lines.length
    ? [paint('bold', 'Next'), ...lines.map(([command, why]) => `  ${paint('cyan', command)}  ${paint('dim', printable(why))}`)]
    : [];
}

/** The commands to type now, the most useful first, each with what it does. */
export function nextCommands(view: StatusView, now: Date): [string, string][] {
  const name = formatTarget(view.target.target);
  const { hold } = view.target;
  const commands: [string, string][] = view.openRollbacks.map((open) => [
    `ebb resume-rollback ${open.id}`,
    `goes on with the rollback that was started ${age(open.startedAt, now)} ago`,
  ]);
  const failing = view.findings.some((finding) => finding.severity === 'error');
  const { blocker } = view.target;
  if (blocker)
    commands.push([`ebb status ${formatTarget(blocker.target)}`, `tells what is wrong there; ${view.target.target.name} waits for it`]);
  if (view.target.target.kind === 'HelmRelease') {
    if (failing && view.target.parent)
      commands.push([`ebb rollback ${formatTarget(view.target.parent)}`, 'takes back what Git last changed']);
  } else if (hold?.kind === 'pin') {
    commands.push([`ebb rollback ${name}`, 'lands the revert in Git and ends the pin'], [`ebb unpin ${name}`, 'follows Git again']);
  } else if (failing) {
    const good = view.deployments.find((record) => record.lastGood);
    commands.push([
      `ebb rollback ${name}`,
      good ? `goes back to ${good.commit.slice(0, 8)} "${good.subject}"` : 'goes back to the last good version',
    ]);
  }
  if (view.target.suspended) commands.push([`ebb resume ${name}`, 'lets Flux go on']);
  if (failing) commands.push([`ebb history ${name}`, 'shows what was deployed when']);
  return commands;
}

export function targetTable(rows: readonly TargetRow[], now: Date, paint: Paint): string[] {
  if (rows.length === 0) return ['no Kustomization and no HelmRelease in this cluster'];
  const colour = { True: 'green', False: 'red' } as const;
  const cells = rows.map((row) => [
    row.target,
    paint(colour[row.ready as 'True' | 'False'] ?? 'yellow', row.ready),
    row.revision ? shortRevision(row.revision) : '-',
    row.hold ? holdText(row.hold, now) : '-',
    printable(`${row.reason}: ${row.message}`.split('\n').join(' ')),
  ]);
  return table(['TARGET', 'READY', 'REVISION', 'HELD', 'STATUS'], cells, paint);
}
