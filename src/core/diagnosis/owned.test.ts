import { describe, expect, it } from 'vitest';
import { ready, ref, target } from '../../../test/observed.ts';
import type { OwnedState } from '../world.ts';
import { deletion, ownedFindings } from './owned.ts';

const ROLE = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'reader' };
const FEED = ref('ConfigMap', 'feed', 'v1');

function owned(state: Partial<OwnedState>): OwnedState {
  return { untracked: [], terminating: [], missing: [], ...state };
}

describe('what a target owns', () => {
  it('in no inventory is a warning with the command that takes it away', () => {
    expect(ownedFindings(target(), owned({ untracked: [ROLE] }))).toEqual([
      expect.objectContaining({
        severity: 'warning',
        reason: 'Untracked',
        object: ROLE,
        details: ['if nothing needs it: kubectl delete clusterrole.rbac.authorization.k8s.io reader'],
      }),
    ]);
  });

  it('is not told as long as Flux is at work: the inventory comes last', () => {
    expect(ownedFindings(target({ conditions: [ready('Unknown', 'Progressing')] }), owned({ untracked: [ROLE] }))).toEqual([]);
  });

  it.each([
    [true, 'error'],
    [false, 'warning'],
  ])('and is stuck while it is deleted names who keeps it (wanted: %s)', (tracked, severity) => {
    const stuck = { ref: FEED, since: '2026-01-01T00:00:00Z', finalizers: ['example.com/export'], tracked };
    expect(ownedFindings(target(), owned({ terminating: [stuck] }))).toMatchObject([
      { severity, reason: 'Terminating', object: FEED, message: expect.stringContaining('finalizer example.com/export') },
    ]);
  });

  it('and is gone is an error, once: workloads are looked at by themselves', () => {
    const missing = [FEED, ref('Deployment', 'sample-saas-app')];
    expect(ownedFindings(target(), owned({ missing }))).toMatchObject([{ severity: 'error', reason: 'NotFound', object: FEED }]);
  });
});

describe('the command that deletes an object', () => {
  it.each([
    [FEED, 'kubectl delete configmap feed -n sample-saas-app'],
    [ref('Deployment', 'api'), 'kubectl delete deployment api -n sample-saas-app'],
    [ROLE, 'kubectl delete clusterrole.rbac.authorization.k8s.io reader'],
  ])('%j', (object, command) => {
    expect(deletion(object)).toBe(command);
  });
});
