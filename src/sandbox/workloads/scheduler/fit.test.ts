import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/kube.ts';
import type { Pod } from '../../../api/workloads.ts';
import { NODE, POD } from '../kinds.ts';
import { fitOf } from './fit.ts';

const node: KubeObject = {
  ...NODE,
  metadata: { name: 'sandbox', labels: { zone: 'a' } },
  spec: { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] },
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '3' } },
};
const tolerations = [{ key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' }];

function pod(requests: Record<string, string> = {}, spec: object = {}): Pod {
  return {
    ...POD,
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'app', image: 'x', resources: { requests } }], tolerations, ...spec },
  };
}

describe('the place of a pod', () => {
  it('is there where nothing speaks against it', () => {
    expect(fitOf(pod({ cpu: '500m', memory: '1Gi' }), node, [pod({ cpu: '1500m' })])).toEqual({ reasons: [], crowdedOut: false });
  });

  it('is taken by others, and would be free without them', () => {
    expect(fitOf(pod({ cpu: '600m' }), node, [pod({ cpu: '1500m' })])).toEqual({ reasons: ['Insufficient cpu'], crowdedOut: true });
    expect(fitOf(pod(), node, [pod(), pod(), pod()])).toEqual({ reasons: ['Too many pods'], crowdedOut: true });
  });

  it('is not there at all where it asks for more than the node has', () => {
    expect(fitOf(pod({ cpu: '3', memory: '5Gi' }), node, [])).toEqual({
      reasons: ['Insufficient cpu', 'Insufficient memory'],
      crowdedOut: false,
    });
  });

  it('is elsewhere where selector or taint say so', () => {
    const reasons = ["node(s) didn't match Pod's node affinity/selector", 'node(s) had untolerated taint(s)'];
    expect(fitOf(pod({}, { nodeSelector: { zone: 'b' }, tolerations: [] }), node, []).reasons).toEqual(reasons);
  });
});
