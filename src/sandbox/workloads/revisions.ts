/** The revision history of StatefulSets and DaemonSets. Source: pkg/controller/history/controller_history.go. */
import type { KubeObject } from '../../api/kube.ts';
import { refOf } from '../../api/kube.ts';
import type { PodTemplate, Workload } from '../../api/workloads.ts';
import { ApiStatusError, type ClusterApi } from '../cluster.ts';
import { sameData } from './canonical.ts';
import { CONTROLLER_MANAGER, CONTROLLER_REVISION, type ControllerRevision, DAEMON_SET } from './kinds.ts';
import { claim, controllerRef } from './ownership.ts';
import { templateHash } from './template-hash.ts';

export const REVISION_LABEL = 'controller-revision-hash';
const HASH_LABEL = 'controller.kubernetes.io/hash';
const DEFAULT_LIMIT = 10;

export interface History {
  /** Oldest first; the last one is that of the template now. */
  revisions: ControllerRevision[];
  /** The revision of the template now. */
  update: ControllerRevision;
  collisionCount: number;
}

/** The hash of a revision, without the name of its owner. */
export function hashOf(revision: ControllerRevision): string {
  const { labels } = revision.metadata;
  return labels?.[REVISION_LABEL] ?? labels?.[HASH_LABEL] ?? '';
}

/**
 * Finds or writes the revision of the owner's present template; an earlier equal one is taken up again under the next number.
 * @throws ApiStatusError where the API refuses the write
 */
export function syncHistory(api: ClusterApi, owner: Workload): History {
  const revisions = ownRevisions(api, owner);
  const data = { spec: { template: { ...structuredClone(owner.spec.template), $patch: 'replace' } as PodTemplate } };
  const next = (revisions.at(-1)?.revision ?? 0) + 1;
  const equal = revisions.filter((revision) => sameData(revision.data, data)).at(-1);
  const collisionCount = Number(owner.status?.collisionCount ?? 0);
  if (equal === undefined) {
    const created = create(api, { owner, data, revision: next, collisionCount });
    return { revisions: [...revisions, created.update], ...created };
  }
  const update = equal === revisions.at(-1) ? equal : renumber(api, equal, next);
  const others = revisions.filter((revision) => revision !== equal);
  return { revisions: [...others, update], update, collisionCount };
}

function ownRevisions(api: ClusterApi, owner: Workload): ControllerRevision[] {
  const candidates = api.list<ControllerRevision>(CONTROLLER_REVISION, { namespace: owner.metadata.namespace });
  const revisions = claim(api, { owner, selector: owner.spec.selector, candidates });
  return revisions.sort((a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1));
}

function renumber(api: ClusterApi, revision: ControllerRevision, number: number): ControllerRevision {
  return api.update<ControllerRevision>({ ...structuredClone(revision), revision: number }, { manager: CONTROLLER_MANAGER });
}

interface NewRevision {
  owner: Workload;
  data: ControllerRevision['data'];
  revision: number;
  collisionCount: number;
}

function create(api: ClusterApi, wanted: NewRevision): { update: ControllerRevision; collisionCount: number } {
  const { owner, data, revision } = wanted;
  let { collisionCount } = wanted;
  for (;;) {
    const hash = templateHash(data.spec.template, collisionCount);
    const object: ControllerRevision = {
      ...CONTROLLER_REVISION,
      metadata: {
        name: `${owner.metadata.name}-${hash}`,
        namespace: owner.metadata.namespace,
        labels: { ...owner.spec.template.metadata?.labels, [owner.kind === DAEMON_SET.kind ? REVISION_LABEL : HASH_LABEL]: hash },
        ...(owner.metadata.annotations ? { annotations: { ...owner.metadata.annotations } } : {}),
        ownerReferences: [controllerRef(owner)],
      },
      data,
      revision,
    };
    try {
      return { update: api.create<ControllerRevision>(object, { manager: CONTROLLER_MANAGER }), collisionCount };
    } catch (error) {
      if (!(error instanceof ApiStatusError) || error.reason !== 'AlreadyExists') throw error;
      collisionCount += 1;
    }
  }
}

/** Deletes the oldest revisions beyond `spec.revisionHistoryLimit` that no pod and no status field names. */
export function truncateHistory(api: ClusterApi, owner: Workload, history: History, live: Set<string | undefined>): void {
  const limit = owner.spec.revisionHistoryLimit ?? DEFAULT_LIMIT;
  const isLive = (revision: ControllerRevision) =>
    revision === history.update || live.has(revision.metadata.name) || live.has(hashOf(revision));
  const idle = history.revisions.filter((revision) => !isLive(revision));
  for (const revision of idle.slice(0, Math.max(0, idle.length - limit))) api.delete(refOf(revision));
}

/** The revision label of a pod. */
export function podRevision(pod: KubeObject): string | undefined {
  return pod.metadata.labels?.[REVISION_LABEL];
}
