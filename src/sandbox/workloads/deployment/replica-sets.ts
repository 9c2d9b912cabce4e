/** The ReplicaSets of a Deployment as its revisions. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { PodTemplate, Workload } from '../../../api/workloads.ts';
import { sameData } from '../canonical.ts';
import { replicasOf } from '../kinds.ts';
import { maxSurge } from './fenceposts.ts';

export const HASH_LABEL = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);
const HISTORY_LIMIT_CHARS = 2_000;

/** Oldest first; names break ties. */
export function byCreation(a: Workload, b: Workload): number {
  const [first, second] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (first !== second) return first < second ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

export function revisionOf(set: Workload): number {
  return Number.parseInt(set.metadata.annotations?.[REVISION] ?? '0', 10) || 0;
}

/** The set whose template is the Deployment's, the oldest where there are several. */
export function findNew(deployment: Workload, sets: Workload[]): Workload | undefined {
  return [...sets].sort(byCreation).find((set) => sameTemplate(set.spec.template, deployment.spec.template));
}

function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return sameData(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { creationTimestamp: _, ...metadata } = template.metadata ?? {};
  const { [HASH_LABEL]: __, ...labels } = metadata.labels ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}

export function active(sets: Workload[]): Workload[] {
  return sets.filter((set) => replicasOf(set) > 0);
}

export function specReplicas(sets: Workload[]): number {
  return sets.reduce((total, set) => total + replicasOf(set), 0);
}

export function statusReplicas(sets: Workload[], field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number {
  return sets.reduce((total, set) => total + (set.status?.[field] ?? 0), 0);
}

export function terminatingReplicas(sets: Workload[]): number {
  return sets.reduce((total, set) => total + Number(set.status?.terminatingReplicas ?? 0), 0);
}

/** The annotations of the new set at `revision`; an older revision of a set that is used again goes into its history. */
export function newSetAnnotations(
  deployment: Workload,
  before: Record<string, string> | undefined,
  revision: number,
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key));
  const annotations: Record<string, string> = { ...before, ...Object.fromEntries(copied) };
  const previous = before?.[REVISION];
  if (previous !== undefined && Number(previous) >= revision) return annotations;
  annotations[REVISION] = String(revision);
  if (previous !== undefined) annotations[REVISION_HISTORY] = extendedHistory(before?.[REVISION_HISTORY], previous);
  return annotations;
}

function extendedHistory(history: string | undefined, revision: string): string {
  const revisions = history ? history.split(',') : [];
  revisions.push(revision);
  while (revisions.join(',').length > HISTORY_LIMIT_CHARS) revisions.shift();
  return revisions.join(',');
}

/** What the size of a set was decided for: by this a change of `spec.replicas` is told from a rollout. */
export function sizeAnnotations(deployment: Workload): Record<string, string> {
  const desired = replicasOf(deployment);
  return { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(desired + maxSurge(deployment)) };
}
