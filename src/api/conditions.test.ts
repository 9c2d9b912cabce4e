import { describe, expect, it } from 'vitest';
import { findCondition, isTrue, withCondition, withoutCondition } from './conditions.ts';
import type { Condition } from './kube.ts';

const EARLY = '2026-01-01T00:00:00Z';
const NOW = '2026-01-02T00:00:00Z';
const ready: Condition = { type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message: 'm', lastTransitionTime: EARLY };
const stalled: Condition = { type: 'Stalled', status: 'False', lastTransitionTime: EARLY };

describe('conditions', () => {
  it('are found by type, and true only where they say True', () => {
    expect(findCondition([stalled, ready], 'Ready')).toBe(ready);
    expect(findCondition(undefined, 'Ready')).toBeUndefined();
    expect([isTrue([ready], 'Ready'), isTrue([stalled], 'Stalled'), isTrue([], 'Ready')]).toEqual([true, false, false]);
  });

  it('keep the time of their last transition while the status stays the same', () => {
    const set = withCondition([ready, stalled], { type: 'Ready', status: 'True', reason: 'Other', message: 'n' }, NOW);
    expect(set).toEqual([{ type: 'Ready', status: 'True', reason: 'Other', message: 'n', lastTransitionTime: EARLY }, stalled]);
  });

  it('move that time when the status changes, and keep their place', () => {
    const set = withCondition([ready, stalled], { type: 'Ready', status: 'False', reason: 'Other' }, NOW);
    expect(set.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ['Ready', NOW],
      ['Stalled', EARLY],
    ]);
    expect(ready.status, 'what was given is left alone').toBe('True');
  });

  it('are added at the end and taken away again', () => {
    const added = withCondition([ready], { type: 'Stalled', status: 'True', reason: 'RolledBack' }, NOW);
    expect(added.at(-1)).toEqual({ type: 'Stalled', status: 'True', reason: 'RolledBack', lastTransitionTime: NOW });
    expect(withoutCondition(added, 'Stalled')).toEqual([ready]);
    expect(withoutCondition(undefined, 'Stalled')).toEqual([]);
  });
});
