import { afterEach, describe, expect, it } from 'vitest';
import type { Condition, KubeObject } from '../../api/kube.ts';
import type { Pod } from '../../api/workloads.ts';
import { NODE, NODE_NAME, POD } from './kinds.ts';
import { isPodReady } from './pods.ts';
import { type Bed, startBed } from './testing/bed.ts';
import { statefulSet } from './testing/manifests.ts';

let bed: Bed;
afterEach(() => bed.stop());

interface Node extends KubeObject {
  spec: { taints?: { key: string }[] };
  status: { conditions: Condition[] };
}

const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 };

function say(status: 'True' | 'Unknown'): void {
  const node = bed.api.get<Node>({ ...NODE, name: NODE_NAME }) as Node;
  const now = bed.clock.now().toISOString();
  const conditions = node.status.conditions.map((one) => (one.type === 'Ready' ? { ...one, status, lastTransitionTime: now } : one));
  bed.api.update({ ...structuredClone(node), status: { ...node.status, conditions } }, { manager: 'test', subresource: 'status' });
}

const db = (ordinal: number) => bed.find<Pod>(POD, `db-${ordinal}`);
const taints = () => (bed.api.get<Node>({ ...NODE, name: NODE_NAME })?.spec.taints ?? []).map(({ key }) => key);

async function twoReady(): Promise<void> {
  bed = startBed();
  bed.apply(statefulSet({ image: 'server:v1', pod: { tolerations: [unreachable] } }));
  await bed.until('both are ready', () => [0, 1].every((ordinal) => isPodReady(db(ordinal) ?? ({} as Pod))));
}

describe('a node of which nobody hears', () => {
  it('has pods that are not ready, and keeps them in deletion once they are given up', async () => {
    await twoReady();
    const before = db(0)?.metadata.uid;
    say('Unknown');
    await bed.until('they are not ready', () => [0, 1].every((ordinal) => !isPodReady(db(ordinal) as Pod)));
    expect(taints()).toEqual(['node.kubernetes.io/unreachable', 'node.kubernetes.io/unreachable']);
    expect(bed.events('db-0').map(({ reason, message }) => `${reason}: ${message}`)).toContain('NodeNotReady: Node is not ready');
    expect(db(0)?.status?.containerStatuses?.every(({ ready }) => ready)).toBe(true);
    await bed.until('they are given up', () => [0, 1].every((ordinal) => db(ordinal)?.metadata.deletionTimestamp !== undefined));
    expect(db(0)?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason).toBe('DeletionByTaintManager');
    expect(db(0)?.metadata.uid).toBe(before);
  });

  it('goes on where it was once it is heard of again', async () => {
    await twoReady();
    const before = db(0)?.metadata.uid;
    say('Unknown');
    await bed.until('they are given up', () => [0, 1].every((ordinal) => db(ordinal)?.metadata.deletionTimestamp !== undefined));
    say('True');
    await bed.until(
      'others take their place',
      () => db(0)?.metadata.uid !== before && [0, 1].every((ordinal) => isPodReady(db(ordinal) ?? ({} as Pod))),
    );
    expect(taints()).toEqual([]);
  });
});
