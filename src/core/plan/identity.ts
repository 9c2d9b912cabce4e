import { formatTarget, type Target } from '../../api/target.ts';
import type { Sha } from '../commit.ts';

export interface Identity {
  target: Target;
  from: Sha;
  to: Sha;
  trigger: string;
  strategy: string;
}

/**
 * A rollback's id: the same target, from, to, trigger and strategy give the same id, so that a second run finds what the
 * first one did rather than doing it again.
 * @param sha256hex SHA-256 of a text, as hex.
 */
export function rollbackId(identity: Identity, sha256hex: (text: string) => string): string {
  const { target, from, to, trigger, strategy } = identity;
  return `rb-${sha256hex([formatTarget(target), from, to, trigger, strategy].join('\n')).slice(0, 12)}`;
}
