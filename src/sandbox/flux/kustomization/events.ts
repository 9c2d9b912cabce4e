/** Events of a Kustomization. Source: kustomize-controller event(). */
import { READY } from '../../../api/flux.ts';
import type { KustomizationRun } from './run.ts';

const GROUP = 'kustomize.toolkit.fluxcd.io';

export interface KustomizationEvent {
  severity: 'info' | 'error';
  message: string;
  revision?: string;
  originRevision?: string;
  /** Added by the one event that means success, for commit statuses. */
  commitStatus?: 'update';
}

/** The reason is always that of Ready as it stands. */
export function recordEvent({ object, conditions, events }: KustomizationRun, event: KustomizationEvent): void {
  const { severity, message, revision, originRevision, commitStatus } = event;
  events.record(object, {
    type: severity === 'error' ? 'Warning' : 'Normal',
    reason: conditions.get(READY)?.reason || severity,
    message,
    annotations: {
      ...(revision ? { [`${GROUP}/revision`]: revision } : {}),
      ...(originRevision ? { [`${GROUP}/originRevision`]: originRevision } : {}),
      ...(commitStatus ? { [`${GROUP}/commit_status`]: commitStatus } : {}),
    },
  });
}
