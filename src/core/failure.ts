/**
 * The one error type. Expected outcomes are values; this is thrown for what stops a command: bad input that no plan
 * can be made from, a broken adapter, a missing permission. The CLI prints it as seen / likely causes / next.
 */
import type { Permission } from './permission.ts';

export type FailureCode =
  | 'UsageError'
  | 'TargetNotFound'
  | 'KindNotServed'
  | 'Forbidden'
  | 'Unauthorized'
  | 'ClusterUnreachable'
  | 'ClusterError'
  | 'KubeconfigInvalid'
  | 'Conflict'
  | 'SourceNotFound'
  | 'SourceUnsupported'
  | 'RepositoryUnknown'
  | 'GitUnreachable'
  | 'GitAuthFailed'
  | 'GitNotARepository'
  | 'GitFailed'
  | 'GitMissing'
  | 'CacheUnusable'
  | 'DiskFull'
  | 'NoSuchCommit'
  | 'RendererMissing'
  | 'RenderFailed'
  | 'SigningFailed'
  | 'JournalUnreadable'
  | 'NoSuchRollback'
  | 'TimedOut'
  | 'Interrupted'
  | 'Bug';

/** Exit codes of every command; documented in docs/reference/exit-codes.md. */
export const ExitCode = { Done: 0, Failed: 1, Usage: 2, Refused: 3, TimedOut: 4, Interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface FailureDetails {
  /** What was observed, in the words of whoever said it (git's stderr, the API server's message); never a secret. */
  seen?: string;
  /** Likely causes, the likeliest first. */
  causes?: string[];
  /** Commands or actions to take now. */
  next?: string[];
  /** For `Forbidden`: what is not allowed. */
  permission?: Permission;
  cause?: unknown;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly seen: string | undefined;
  readonly causes: readonly string[];
  readonly next: readonly string[];
  readonly permission: Permission | undefined;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.seen = details.seen;
    this.causes = details.causes ?? [];
    this.next = details.next ?? [];
    this.permission = details.permission;
  }
}

/** The exit code that a failure ends a command with. */
export function exitCodeOf(failure: Failure): ExitCode {
  if (failure.code === 'UsageError') return ExitCode.Usage;
  if (failure.code === 'TimedOut') return ExitCode.TimedOut;
  if (failure.code === 'Interrupted') return ExitCode.Interrupted;
  return ExitCode.Failed;
}
