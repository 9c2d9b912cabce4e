import { afterEach, describe, expect, it } from 'vitest';
import type { Pod, Workload } from '../../../api/workloads.ts';
import { CONTROLLER_REVISION, POD, STATEFUL_SET } from '../kinds.ts';
import { isPodReady } from '../pods.ts';
import { type Bed, startBed } from '../testing/bed.ts';
import { statefulSet } from '../testing/manifests.ts';

let bed: Bed;
afterEach(() => bed.stop());

const set = () => bed.find<Workload>(STATEFUL_SET, 'db');
const member = (ordinal: number) => bed.find<Pod>(POD, `db-${ordinal}`);
const image = (ordinal: number) => member(ordinal)?.spec.containers[0]?.image;
const isReady = (ordinal: number) => isPodReady(member(ordinal) ?? ({} as Pod));

async function settled(version: string): Promise<Workload> {
  return bed.until(`${version} on both`, () => {
    const { status, metadata } = set() ?? {};
    const done =
      status?.observedGeneration === metadata?.generation &&
      status?.readyReplicas === 2 &&
      status?.currentRevision === status?.updateRevision;
    return done && image(0) === version && image(1) === version && set();
  });
}

describe('a StatefulSet', () => {
  it('makes its pods in order, by name, each after the one before is ready', async () => {
    bed = startBed();
    const early: boolean[] = [];
    const stop = bed.api.watch<Pod>(POD, ({ type, object }) => {
      if (type === 'ADDED' && object.metadata.name === 'db-1') early.push(!isReady(0));
    });
    bed.apply(statefulSet({ image: 'server:v1' }));
    const done = await settled('server:v1');
    stop();
    expect(early).toEqual([false]);
    expect(member(0)?.metadata.labels).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'db-0',
      'controller-revision-hash': done.status?.updateRevision,
    });
    expect(bed.events('db').map(({ message }) => message)).toContain('Create Pod db-0 in StatefulSet db successful');
    expect(done.status).toMatchObject({ replicas: 2, currentReplicas: 2, updatedReplicas: 2, availableReplicas: 2 });
  });

  it('replaces them from the last to the first', async () => {
    bed = startBed();
    bed.apply(statefulSet({ image: 'server:v1' }));
    await settled('server:v1');
    const order: string[] = [];
    const stop = bed.api.watch<Pod>(POD, ({ type, object }) => void (type === 'ADDED' && order.push(object.metadata.name)));
    bed.apply(statefulSet({ image: 'server:v2' }));
    await settled('server:v2');
    stop();
    expect(order).toEqual(['db-1', 'db-0']);
    expect(bed.api.list(CONTROLLER_REVISION, { namespace: 'default' })).toHaveLength(2);
  });

  it('leaves the members below the partition as they are', async () => {
    bed = startBed();
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
    bed.apply(statefulSet({ image: 'server:v1', spec: { updateStrategy } }));
    await settled('server:v1');
    bed.apply(statefulSet({ image: 'server:v2', spec: { updateStrategy } }));
    await bed.until('the last is new', () => image(1) === 'server:v2' && isReady(1));
    expect(image(0)).toBe('server:v1');
    bed.api.delete({ ...POD, namespace: 'default', name: 'db-0' });
    const { uid } = member(0)?.metadata ?? {};
    await bed.until('the first is there again', () => member(0)?.metadata.uid !== uid && isReady(0));
    expect(image(0)).toBe('server:v1');
  });

  it('does not bring back a pod of a bad revision when the template is good again, until it is deleted', async () => {
    bed = startBed();
    bed.apply(statefulSet({ image: 'server:v1' }));
    const good = (await settled('server:v1')).status?.updateRevision;
    bed.apply(statefulSet({ image: 'server:v2-never-ready' }));
    await bed.until('the bad one runs', () => image(1) === 'server:v2-never-ready' && member(1)?.status?.phase === 'Running');
    bed.apply(statefulSet({ image: 'server:v1' }));
    await bed.until(
      'the good revision is wanted again',
      () => set()?.status?.updateRevision === good && set()?.status?.observedGeneration === set()?.metadata.generation,
    );
    const { uid } = member(1)?.metadata ?? {};
    const began = bed.clock.now().getTime();
    await bed.until('two minutes pass', () => bed.clock.now().getTime() - began > 120_000);
    expect(member(1)?.metadata.uid).toBe(uid);
    expect(image(1)).toBe('server:v2-never-ready');
    bed.api.delete({ ...POD, namespace: 'default', name: 'db-1' });
    await settled('server:v1');
  });

  it('makes and replaces them at once with Parallel, but only by hand with OnDelete', async () => {
    bed = startBed();
    const spec = { podManagementPolicy: 'Parallel', updateStrategy: { type: 'OnDelete' } };
    bed.apply(statefulSet({ image: 'server:v1-never-ready', spec }));
    await bed.until('both are there', () => member(0) && member(1));
    bed.apply(statefulSet({ image: 'server:v2', spec }));
    await bed.until('observed', () => set()?.status?.observedGeneration === set()?.metadata.generation);
    expect([image(0), image(1)]).toEqual(['server:v1-never-ready', 'server:v1-never-ready']);
    bed.api.delete({ ...POD, namespace: 'default', name: 'db-0' });
    await bed.until('that one is new', () => image(0) === 'server:v2' && isReady(0));
    expect(image(1)).toBe('server:v1-never-ready');
  });

  it('shrinks from the last', async () => {
    bed = startBed();
    bed.apply(statefulSet({ image: 'server:v1' }));
    await settled('server:v1');
    bed.apply(statefulSet({ image: 'server:v1', spec: { replicas: 1 } }));
    await bed.until('one is left', () => bed.pods().length === 1);
    expect(member(0)).toBeDefined();
  });
});
