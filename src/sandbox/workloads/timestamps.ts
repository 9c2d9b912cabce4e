import type { SandboxClock } from '../clock.ts';

/** The time as the API writes it: RFC 3339, seconds. */
export function timestamp(clock: SandboxClock): string {
  return `${clock.now().toISOString().slice(0, 19)}Z`;
}

/** Milliseconds from `since` (RFC 3339) until now; 0 where there is no such time. */
export function elapsed(clock: SandboxClock, since: string | undefined): number {
  return since === undefined ? 0 : clock.now().getTime() - Date.parse(since);
}
