/** Targets that Flux applies to another cluster than the one that it runs in (`spec.kubeConfig`). */
import { formatTarget } from '../../api/target.ts';
import type { TargetState } from '../world.ts';

/** What is not known of such a target, and not done: for plans, verdicts and the status. */
export function elsewhereNote({ target, elsewhere }: Pick<TargetState, 'target' | 'elsewhere'>): string[] {
  if (!elsewhere) return [];
  return [`${formatTarget(target)} is applied to another cluster (spec.kubeConfig): of its pods nothing is known here but what Flux says`];
}
