/** A Deployment that is paused takes its new template and makes nothing of it, and is never healthy for Flux. */
import { formatRef, type KubeObject } from '../../api/kube.ts';
import { ownersOf } from '../holds/field-owners.ts';
import type { WorkloadState } from '../world.ts';
import type { Obstacle } from './obstacle.ts';

/** Flux takes fields of these from them with its next apply, where Git does not declare them. Source: fluxcd/pkg ssa (cleanup of `kubectl…` managers). */
const TAKEN_BY_FLUX = /^kubectl/;
/** Those that apply what Git or a chart declares. */
const DECLARED = /^(kustomize-controller|helm-controller|helm)$/;

/** Is it paused, and by whom? */
export function pausedBy(object: KubeObject): WorkloadState['paused'] {
  if (object.kind !== 'Deployment' || (object.spec as { paused?: boolean } | undefined)?.paused !== true) return undefined;
  const [newest] = ownersOf(object, ['f:spec', 'f:paused']);
  return { by: newest?.manager ?? 'nobody that is known', ...(newest?.time === undefined ? {} : { at: newest.time }) };
}

/**
 * What a pause holds back. Where all is rolled out, Flux still does not get on: kstatus looks for the reason
 * NewReplicaSetAvailable in the condition Progressing, which a pause replaces by DeploymentPaused
 * (cli-utils pkg/kstatus/status/core.go, deploymentConditions).
 */
export function pausedObstacle({ ref, paused, health, mark, updated, desired }: WorkloadState): Obstacle[] {
  if (!paused || mark || health.status !== 'InProgress') return [];
  const what =
    updated < desired
      ? 'it has the new template and makes no pods of it'
      : 'its pods are as they should be, and Flux does not call it healthy';
  const { detail, next, passing } = wayOut(ref, paused.by);
  return [
    {
      reason: 'DeploymentPaused',
      object: ref,
      message: `${formatRef(ref)} is paused: ${what} (spec.paused, set by ${paused.by}${paused.at ? ` at ${paused.at}` : ''})`,
      details: [detail],
      next: [next],
      pods: [],
      ...(passing ? {} : { final: true as const, sure: true as const }),
    },
  ];
}

/** A pause that Git declares comes back, one that it does not know stays, and one by kubectl goes with the next apply. */
function wayOut({ name, namespace }: WorkloadState['ref'], by: string): { detail: string; next: string; passing: boolean } {
  const resume = `kubectl rollout resume deployment/${name} -n ${namespace}`;
  if (TAKEN_BY_FLUX.test(by)) return { detail: 'the next run of Flux that applies takes the pause away', next: resume, passing: true };
  if (!DECLARED.test(by)) return { detail: 'Flux leaves it as it is: Git does not declare the field', next: resume, passing: false };
  return {
    detail:
      'Git says so: take spec.paused out of the manifest, or go back to a version without it; until the next run of Flux a resume by hand is enough',
    next: resume,
    passing: false,
  };
}
