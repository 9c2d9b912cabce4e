/** Hazards of a plan, from what it would change. Each is a pure function of plain data. */

import { formatDuration } from '../../api/duration.ts';
import { formatRef, type KubeObject, type ObjectRef, objectKey, refOf } from '../../api/kube.ts';
import { formatTarget } from '../../api/target.ts';
import { remedyFor } from '../diagnosis/dependency.ts';
import type { ObjectChange } from '../diff/object-diff.ts';
import { imagesOf } from '../diff/object-diff.ts';
import type { DeploymentRecord } from '../history/record.ts';
import type { AffectedTarget } from '../plan/plan.ts';
import type { SourceState, TargetState } from '../world.ts';
import { contestedFields } from './contested.ts';
import type { Hazard } from './hazard.ts';

export interface HazardInput {
  target: TargetState;
  source?: SourceState;
  pinScope?: 'target' | 'source';
  changes: readonly ObjectChange[] | undefined;
  affected: readonly AffectedTarget[];
  /** The target as it will be rendered. */
  after: readonly KubeObject[];
  /** The deployment that the plan goes back to, where history knows it. */
  to: DeploymentRecord | undefined;
  strategy: string;
  /** Milliseconds until Flux gives up on the run that is under way, where one is and is left to wait. */
  runEndsInMs?: number;
  /** The hold on the target ran out: the rollback ends it rather than be stopped by it. */
  holdExpired?: boolean;
}

/** Kinds whose removal destroys data or what hangs on them. */
const STATEFUL = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition', 'StatefulSet']);

/** Every hazard, the gravest first. */
export function detectHazards(input: HazardInput): Hazard[] {
  const found = [
    ...prunes(input),
    ...wasBad(input),
    ...suspended(input),
    ...contestedFields(input),
    ...blocked(input),
    ...others(input),
    ...secrets(input),
    ...movingTags(input),
    ...liveValues(input),
    ...unknownOutcome(input),
    ...unproven(input),
    ...busyRun(input),
  ];
  const rank = { block: 0, ask: 1, warn: 2 };
  return found.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function prunes({ changes, target }: HazardInput): Hazard[] {
  const removed = (changes ?? []).filter((change) => change.change === 'removed').map((change) => change.ref);
  if (removed.length === 0) return [];
  if (target.prune === false) return [leaves(removed)];
  const rest = removed.filter((ref) => !STATEFUL.has(ref.kind));
  return [...removed.filter((ref) => STATEFUL.has(ref.kind)).map(prunesData), ...(rest.length ? [prunesObjects(rest)] : [])];
}

function prunesData(ref: ObjectRef): Hazard {
  return {
    name: 'PrunesData',
    severity: 'block',
    evidence: `${formatRef(ref)} is not in the version to go back to: Flux would delete it`,
    advice: 'keep it (annotation kustomize.toolkit.fluxcd.io/prune: disabled), or accept with --accept PrunesData',
    object: ref,
  };
}

function prunesObjects(refs: readonly ObjectRef[]): Hazard {
  return {
    name: 'PrunesObjects',
    severity: 'ask',
    evidence: `Flux would delete ${list(refs)}`,
    advice: 'make sure that nothing else uses them',
  };
}

function leaves(refs: readonly ObjectRef[]): Hazard {
  return {
    name: 'LeavesObjects',
    severity: 'warn',
    evidence: `the target does not prune: ${list(refs)} would stay, and Flux would no longer look after it`,
    advice: 'delete by hand what should go as well',
  };
}

function wasBad({ to }: HazardInput): Hazard[] {
  if (!to || (to.outcome !== 'failed' && to.outcome !== 'rolled-back' && to.outcome !== 'reverted')) return [];
  return [
    {
      name: 'TargetWasBad',
      severity: 'block',
      evidence: `${to.commit.slice(0, 8)} "${to.subject}" itself is recorded as ${to.outcome} (${to.evidence})`,
      advice: 'choose another with --to (ebb history shows them), or accept with --accept TargetWasBad',
    },
  ];
}

function suspended({ target, strategy, holdExpired }: HazardInput): Hazard[] {
  if (!target.suspended || strategy === 'suspend' || holdExpired) return [];
  const by = target.hold?.by ?? (target.hold?.manager ? `someone through ${target.hold.manager}` : 'someone');
  const why = target.hold?.reason ? `: ${target.hold.reason}` : '';
  return [
    {
      name: 'TargetSuspended',
      severity: 'block',
      evidence: `${formatTarget(target.target)} is suspended by ${by}${why}`,
      advice: `ask them; then ebb resume ${formatTarget(target.target)}, or --accept TargetSuspended to resume it as part of this rollback`,
    },
  ];
}

/** Flux applies nothing to a target whose dependencies are not ready, the version to go back to neither. */
function blocked({ target, affected }: HazardInput): Hazard[] {
  const { blocker } = target;
  if (!blocker?.final) return [];
  const name = formatTarget(blocker.target);
  const evidence = `${[target.target, ...blocker.path].map(formatTarget).join(' waits for ')}: ${blocker.reason}: ${blocker.message}`;
  if (affected.some((other) => formatTarget(other.target) === name))
    return [
      { name: 'DependencyNotReady', severity: 'warn', evidence, advice: `this changes ${name} as well; Flux waits until it is ready` },
    ];
  const advice = `${remedyFor(blocker)} first: until it is ready, Flux applies nothing here; --accept DependencyNotReady writes the commit all the same`;
  return [{ name: 'DependencyNotReady', severity: 'block', evidence, advice }];
}

function others({ affected, strategy }: HazardInput): Hazard[] {
  const names = (some: readonly AffectedTarget[]) => enumerate(some.map((other) => formatTarget(other.target)));
  const changed = affected.filter((other) => other.unknown === undefined);
  const unknown = affected.filter((other) => other.unknown !== undefined);
  if (affected.length === 0) return [];
  const told = [
    ...(changed.length
      ? [`${changed.length} other target${changed.length === 1 ? ' changes' : 's change'} as well: ${names(changed)}`]
      : []),
    ...(unknown.length ? [`what changes for ${names(unknown)} is not known, for it does not render`] : []),
  ];
  return [{ name: 'AffectsOthers', severity: 'ask', evidence: told.join('; '), advice: narrower(strategy) }];
}

/** How to hit fewer targets than with this strategy. */
function narrower(strategy: string): string {
  if (strategy === 'pin') return '--scope target moves this target alone';
  if (strategy === 'restore') return 'they read the same files: --strategy pin moves this target alone';
  return '--strategy restore changes only files that this target reads; where those are shared, --strategy pin moves this target alone';
}

/** Secrets that are removed are told as such. */
function secrets({ changes }: HazardInput): Hazard[] {
  const touched = (changes ?? []).filter((change) => change.ref.kind === 'Secret' && change.change !== 'removed');
  if (touched.length === 0) return [];
  return [
    {
      name: 'SecretsGoBack',
      severity: 'ask',
      evidence: `${list(touched.map((change) => change.ref))} would go back to older values`,
      advice: 'a secret that was rotated since no longer opens what it opened: check before you go on',
    },
  ];
}

/** Only of objects that the plan changes: what else runs with a moving tag is none of its doing. */
function movingTags({ after, changes }: HazardInput): Hazard[] {
  const touched = new Set((changes ?? []).map((change) => objectKey(change.ref)));
  const moving = imagesOf(after.filter((object) => touched.has(objectKey(refOf(object))))).filter(isMoving);
  if (moving.length === 0) return [];
  return [
    {
      name: 'MovingTag',
      severity: 'ask',
      evidence: `${moving.join(', ')}: the tag may no longer mean the image that it meant`,
      advice: 'use fixed tags or digests; look at what the registry serves now',
    },
  ];
}

/** Tags that registries overwrite by custom; no tag is `latest`. */
const MOVING_TAGS = new Set(['latest', 'main', 'master', 'dev', 'develop', 'edge', 'nightly', 'stable', 'staging', 'prod', 'production']);

function isMoving(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || MOVING_TAGS.has(tag);
}

function liveValues({ target }: HazardInput): Hazard[] {
  const from = target.build?.postBuild?.substituteFrom ?? [];
  if (from.length === 0) return [];
  return [
    {
      name: 'LiveValues',
      severity: 'warn',
      evidence: `values come live from ${from.map((source) => `${source.kind}/${source.name}`).join(', ')}`,
      advice: 'they do not go back with the commit',
    },
  ];
}

function unknownOutcome({ to }: HazardInput): Hazard[] {
  if (to?.outcome !== 'unknown') return [];
  return [
    {
      name: 'OutcomeUnknown',
      severity: 'warn',
      evidence: `nobody recorded how ${to.commit.slice(0, 8)} "${to.subject}" went`,
      advice: 'it is the deployment before the bad one; verification decides',
    },
  ];
}

/** Without health checks Flux calls a release a success as soon as it is applied. */
function unproven({ to, target }: HazardInput): Hazard[] {
  if (to?.outcome !== 'succeeded' || target.waits) return [];
  return [
    {
      name: 'SuccessUnproven',
      severity: 'warn',
      evidence: `Flux applied ${to.commit.slice(0, 8)} "${to.subject}" and looked no further: ${formatTarget(target.target)} has neither wait nor healthChecks`,
      advice: 'verification decides; set spec.wait: true to have Flux tell good from bad',
    },
  ];
}

function busyRun({ runEndsInMs }: HazardInput): Hazard[] {
  if (runEndsInMs === undefined || runEndsInMs < 1_000) return [];
  return [
    {
      name: 'RunUnderWay',
      severity: 'warn',
      evidence: `Flux still waits for the bad release to become healthy, for at most ${formatDuration(runEndsInMs)} more`,
      advice: 'the rollback is applied when that run ends',
    },
  ];
}

function list(refs: readonly ObjectRef[]): string {
  return enumerate(refs.map(formatRef));
}

function enumerate(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
