/**
 * What keeps the pods of a version from coming up although the version itself may be good: no room, an object that is gone, an
 * image that is not there, a node that does not answer. Each is named, with what mends it.
 */
import type { ObjectRef } from '../../api/kube.ts';
import type { TargetState } from '../world.ts';

export interface Obstacle {
  /** PascalCase, in the word of Kubernetes where it has one. */
  reason: string;
  /** What is missing or in the way; the workload where that has no name. */
  object: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>;
  /** One line: what, who needs it, why. */
  message: string;
  /** What else one should know. */
  details: string[];
  /** Commands that mend it, the first one first. */
  next: string[];
  /** Pods that are kept by it. */
  pods: string[];
  /**
   * It does not go away by itself. All others may, by somebody that nobody sees here: a node is added, another workload ends, an
   * operator writes its Secret, a registry takes the renewed token. Of those a verdict is never certain.
   */
  final?: true;
  /** Of one that is final: it stands in the spec, so that no second look is needed to be sure. */
  sure?: true;
  /** Flux applied it once: its next run brings it back. */
  inGit?: true;
}

/** Whose workloads they are, and what Git brings. */
export type Owner = Pick<TargetState, 'target' | 'inventory'>;
