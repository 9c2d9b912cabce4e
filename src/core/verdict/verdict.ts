/** What observation says after a rollback, check by check; never what a step said. */

export interface Check {
  name:
    | 'Revision'
    | 'FluxReady'
    | 'Rollout'
    | 'Pods'
    | 'Endpoints'
    | 'Restarts'
    | 'Configuration'
    | 'Symptom'
    | 'Deletion'
    | 'Obstacle'
    | 'Http';
  /** `wait`: not yet, may still come. `fail`: it will not come by waiting. */
  status: 'pass' | 'wait' | 'fail';
  message: string;
  /** Commands that mend it, where they are known. */
  next?: string[];
}

export interface Verdict {
  /** `good` only where every check passes; `bad` where one cannot pass any more. */
  outcome: 'good' | 'bad' | 'undecided';
  checks: Check[];
  /** What one should know besides: what could not be looked at for want of permission, what a failed release left behind. */
  notes?: string[];
}

/** The outcome that checks add up to. */
export function verdictOf(checks: Check[]): Verdict {
  if (checks.some((check) => check.status === 'fail')) return { outcome: 'bad', checks };
  return { outcome: checks.every((check) => check.status === 'pass') ? 'good' : 'undecided', checks };
}
