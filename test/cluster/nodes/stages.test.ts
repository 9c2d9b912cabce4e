import { describe, expect, it } from 'vitest';
import { behaviourOfPod, imagesWith, notPublished } from './behaviour.ts';
import { keptStage, podStages, type Stage } from './stages.ts';

describe('stages of pods', () => {
  it('know the bad releases of every example by their tags', () => {
    expect(imagesWith('crash-at-start')).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.1.0', 'ghcr.io/ebb-dev/billing-worker:1.1.0']);
    expect(imagesWith('never-ready')).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.2.0', 'ghcr.io/ebb-dev/billing-worker:1.2.0']);
  });

  it("know every published image of the examples' repositories", () => {
    expect(notPublished()).toContain('"ghcr.io/ebb-dev/billing-worker:2.0.0"');
    expect(notPublished()).not.toContain('9.9.9');
  });

  it('leave every pod alone that is going away or whose node is lost, and ask each for its behaviour', () => {
    for (const { metadata, spec } of podStages()) {
      expect(spec.selector.matchExpressions, metadata.name).toContainEqual({
        key: '.metadata.deletionTimestamp',
        operator: 'DoesNotExist',
      });
      expect(
        spec.selector.matchExpressions.some(({ key }) => key === behaviourOfPod()),
        metadata.name,
      ).toBe(true);
    }
  });

  it("keep kwok's own but for the one that makes every pod ready, and end the pods of Jobs that are well alone", () => {
    const theirs = (name: string): Stage => ({
      apiVersion: 'kwok.x-k8s.io/v1alpha1',
      kind: 'Stage',
      metadata: { name },
      spec: { resourceRef: { apiGroup: 'v1', kind: 'Pod' }, selector: { matchExpressions: [] } },
    });
    expect(keptStage(theirs('pod-ready'))).toBeUndefined();
    const answers = { key: '.metadata.annotations["nodes.ebb.dev/lost"]', operator: 'DoesNotExist' };
    expect(keptStage(theirs('pod-delete'))?.spec.selector.matchExpressions).toEqual([answers]);
    expect(keptStage(theirs('pod-complete'))?.spec.selector.matchExpressions).toEqual([
      answers,
      { key: behaviourOfPod(), operator: 'In', values: ['ready'] },
    ]);
  });
});
