import { describe, expect, it } from 'vitest';
import type { TargetState } from '../world.ts';
import { nextTry, sourceText } from './next-try.ts';
import { refusedApply, refusedFindings } from './refused-apply.ts';

function target(message: string, more: Partial<TargetState> = {}): TargetState {
  return {
    target: { kind: 'Kustomization', namespace: 'flux-system', name: 'shop' },
    suspended: false,
    conditions: [{ type: 'Ready', status: 'False', reason: 'ReconciliationFailed', message, lastTransitionTime: '2026-01-01T10:00:00Z' }],
    snapshots: [],
    inventory: [],
    waits: true,
    dependsOn: [],
    httpChecks: [],
    retryIntervalMs: 600_000,
    ...more,
  };
}

const immutable = (subject: string) =>
  `${subject} dry-run failed (Invalid): it is invalid: spec.selector: Invalid value: {"a":"b"}: field is immutable\n`;

describe('an apply that was refused', () => {
  it.each([
    ['Deployment', 'kubectl delete deployment web -n x'],
    ['StatefulSet', 'kubectl delete statefulset web -n x --cascade=orphan'],
    ['Job', 'kubectl delete job web -n x'],
    ['PersistentVolumeClaim', 'kubectl describe persistentvolumeclaim web -n x'],
  ])('an immutable field of a %s: what to do loses as little as can be', (kind, command) => {
    const refused = refusedApply(target(immutable(`${kind}/x/web`)));
    expect(refused).toMatchObject({ object: { kind, namespace: 'x', name: 'web' }, final: true });
    expect(refused?.next).toEqual([command, 'flux reconcile kustomization shop -n flux-system']);
  });

  it('the data of a claim is never thrown away by what is told', () => {
    const refused = refusedApply(target(immutable('PersistentVolumeClaim/x/data')));
    expect(refused?.details[0]).toContain('loses the data');
    expect(refused?.next.join()).not.toContain('delete');
    expect(refused?.details.join()).not.toContain('force');
  });

  it('objects without a namespace, after what was applied before, and in the words of Helm', () => {
    expect(refusedApply(target(`ConfigMap/x/a created\n${immutable('ClusterRole/reader')}`))?.object).toEqual({
      kind: 'ClusterRole',
      name: 'reader',
    });
    const helm =
      'Helm upgrade failed for release x/web with chart web@1.0.0: cannot patch "web" with kind Deployment: Deployment.apps "web" is invalid: spec.selector: Invalid value: {"a":"b"}: field is immutable';
    expect(refusedApply(target(helm))?.object).toMatchObject({ kind: 'Deployment', name: 'web' });
  });

  it('only a webhook that does not answer may pass by waiting', () => {
    const away =
      'Deployment/x/web dry-run failed (InternalError): Internal error occurred: failed calling webhook "a.b.c": failed to call webhook: EOF';
    expect(refusedApply(target(away))?.final).toBe(false);
    const quota =
      'Deployment/x/web dry-run failed (Forbidden): deployments.apps "web" is forbidden: exceeded quota: few, requested: a=1, used: a=1, limited: a=1';
    expect(refusedApply(target(quota))?.final).toBe(true);
  });

  it('is no finding while all is well, or where it failed for another reason', () => {
    expect(refusedFindings(target('health check failed after 30s: timeout waiting for: [Deployment/x/web]'))).toEqual([]);
    expect(
      refusedFindings(
        target('Applied revision', { conditions: [{ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message: '' }] }),
      ),
    ).toEqual([]);
  });
});

describe('when Flux comes back to it', () => {
  it('is told from the end of the run that failed', () => {
    expect(nextTry(target('no'))).toBe(
      'Flux tries again at 2026-01-01T10:10:00Z, 10m0s after it failed (spec.retryInterval, or spec.interval)',
    );
    expect(nextTry(target('no', { suspended: true }))).toBeUndefined();
    expect(nextTry(target('no', { conditions: [] }))).toBeUndefined();
  });

  it('a source says why nothing new comes from it', () => {
    const source = {
      name: { kind: 'GitRepository' as const, namespace: 'f', name: 's' },
      url: '',
      suspended: false,
      conditions: [],
      intervalMs: 60_000,
      revision: 'main@sha1:a',
    };
    expect(sourceText(source, 'main@sha1:a')?.message).toBe('GitRepository/f/s has not fetched it yet, and looks every 1m0s');
    expect(sourceText(source, 'main@sha1:b')).toBeUndefined();
    expect(sourceText({ ...source, suspended: true }, undefined)?.next).toEqual(['flux resume source git s -n f']);
  });
});
