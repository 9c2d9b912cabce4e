/** Annotations, trailers and names that Ebb writes. Everything that Ebb leaves in a cluster can be found by these. */

/** The field manager of every write: never one that Flux adopts (see docs/explanation/ownership.md). */
export const FIELD_MANAGER = 'ebb';

/** A hold (a suspended or pinned target): who, why, since and until when (RFC 3339). */
export const HELD_BY = 'ebb.dev/held-by';
export const HOLD_REASON = 'ebb.dev/hold-reason';
export const HELD_SINCE = 'ebb.dev/held-since';
export const HOLD_UNTIL = 'ebb.dev/hold-until';
/** On a pinned target or source: the commit that it is pinned to. */
export const PINNED_COMMIT = 'ebb.dev/pinned-commit';
/** On a pinned target: JSON of what `unpin` puts back. */
export const PIN_RESTORES = 'ebb.dev/pin-restores';
/** On anything that a rollback touched: its id. */
export const ROLLBACK_ID = 'ebb.dev/rollback-id';

/** Label on objects that Ebb created (the GitRepository of a pin). */
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'ebb';

/** Trailers of Ebb's commits. */
export const Trailer = {
  Rollback: 'Ebb-Rollback',
  Target: 'Ebb-Target',
  From: 'Ebb-From',
  To: 'Ebb-To',
  Trigger: 'Ebb-Trigger',
  Reason: 'Ebb-Reason',
  Accept: 'Ebb-Accept',
} as const;

/** Reasons of Ebb's Events. */
export const EbbReason = {
  RollbackStarted: 'RollbackStarted',
  RollbackSucceeded: 'RollbackSucceeded',
  RollbackFailed: 'RollbackFailed',
  RunAbandoned: 'RunAbandoned',
  BroughtBack: 'BroughtBack',
  NotBroughtBack: 'NotBroughtBack',
  Suspended: 'Suspended',
  Resumed: 'Resumed',
  Unpinned: 'Unpinned',
  HoldExpired: 'HoldExpired',
} as const;

/** On a target: HTTP checks that `verify` makes, separated by commas: `[NAMESPACE/]SERVICE[:PORT]/PATH` or a URL. */
export const HTTP_CHECK = 'ebb.dev/http-check';
