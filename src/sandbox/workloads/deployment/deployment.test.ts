import { afterEach, describe, expect, it } from 'vitest';
import type { Workload } from '../../../api/workloads.ts';
import { DEPLOYMENT, POD, REPLICA_SET, type TimedCondition } from '../kinds.ts';
import { isPodActive, isPodReady } from '../pods.ts';
import { type Bed, startBed } from '../testing/bed.ts';
import { deployment } from '../testing/manifests.ts';

let bed: Bed;
afterEach(() => bed.stop());

const current = () => bed.find<Workload>(DEPLOYMENT, 'api');
const sets = () => bed.api.list<Workload>(REPLICA_SET, { namespace: 'default' });
const conditionOf = (type: string): TimedCondition | undefined =>
  current()?.status?.conditions?.find((condition) => condition.type === type);
const imageOf = (workload: Workload | undefined) => workload?.spec.template.spec.containers[0]?.image;
const versions = () =>
  bed
    .pods()
    .filter(isPodActive)
    .map((pod) => pod.spec.containers[0]?.image);

async function rolledOut(image: string): Promise<Workload> {
  return bed.until(`${image} rolled out`, () => {
    const found = current();
    const observed = found?.status?.observedGeneration === found?.metadata.generation && imageOf(found) === image;
    return (
      observed && conditionOf('Progressing')?.reason === 'NewReplicaSetAvailable' && versions().every((each) => each === image) && found
    );
  });
}

describe('a Deployment', () => {
  it('owns a ReplicaSet named by the hash of its template, whose pods become ready', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    const done = await rolledOut('server:v1');
    expect(done.status).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 });
    expect(done.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
    const [set] = sets();
    const hash = set?.metadata.labels?.['pod-template-hash'];
    expect(set?.metadata.name).toBe(`api-${hash}`);
    expect(set?.spec.selector.matchLabels).toEqual({ app: 'api', 'pod-template-hash': hash });
    expect(bed.pods().every((pod) => pod.metadata.name.startsWith(`api-${hash}-`))).toBe(true);
    expect(conditionOf('Progressing')?.message).toBe(`ReplicaSet "api-${hash}" has successfully progressed.`);
    expect(conditionOf('Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    expect(bed.events('api').map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      `ScalingReplicaSet: Scaled up replica set api-${hash} from 0 to 2`,
    ]);
    expect(bed.messages).toEqual([]);
  });

  it('keeps what its bounds promise during a rolling update', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1', spec: { replicas: 3 } }));
    await rolledOut('server:v1');
    const seen = { leastReady: 3, most: 3 };
    const stop = bed.api.watch(POD, () => {
      const active = bed.pods().filter(isPodActive);
      seen.leastReady = Math.min(seen.leastReady, active.filter(isPodReady).length);
      seen.most = Math.max(seen.most, active.length);
    });
    bed.apply(deployment({ image: 'server:v2', spec: { replicas: 3 } }));
    await rolledOut('server:v2');
    stop();
    // 25 % of three: one more at most (rounded up), none less (rounded down).
    expect(seen).toEqual({ leastReady: 3, most: 4 });
  });

  it('leaves the old pods serving where the new ones never get ready, and says so after the deadline', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    await rolledOut('server:v1');
    bed.apply(deployment({ image: 'server:v2-never-ready', spec: { progressDeadlineSeconds: 30 } }));
    await bed.until('deadline exceeded', () => conditionOf('Progressing')?.reason === 'ProgressDeadlineExceeded');
    const fresh = sets().find((set) => imageOf(set) === 'server:v2-never-ready');
    expect(conditionOf('Progressing')).toMatchObject({
      status: 'False',
      message: `ReplicaSet "${fresh?.metadata.name}" has timed out progressing.`,
    });
    expect(conditionOf('Available')?.status).toBe('True');
    expect(versions().sort()).toEqual(['server:v1', 'server:v1', 'server:v2-never-ready']);
    expect(current()?.status).toMatchObject({ replicas: 3, updatedReplicas: 1, readyReplicas: 2, unavailableReplicas: 1 });
  });

  it('goes back to the ReplicaSet that it had, under the next revision', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    await rolledOut('server:v1');
    const [first] = sets();
    bed.apply(deployment({ image: 'server:v2-crash' }));
    await bed.until('the bad release has pods', () => versions().includes('server:v2-crash'));
    bed.apply(deployment({ image: 'server:v1' }));
    await rolledOut('server:v1');
    expect(sets()).toHaveLength(2);
    const reused = bed.find<Workload>(REPLICA_SET, first?.metadata.name ?? '');
    expect(reused?.metadata.uid).toBe(first?.metadata.uid);
    expect(reused?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(current()?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  });

  it('never runs two versions at once with Recreate', async () => {
    bed = startBed();
    const spec = { strategy: { type: 'Recreate' } };
    bed.apply(deployment({ image: 'server:v1', spec }));
    await rolledOut('server:v1');
    let together = false;
    const stop = bed.api.watch(POD, () => {
      together ||= new Set(bed.pods().map((pod) => pod.spec.containers[0]?.image)).size > 1;
    });
    bed.apply(deployment({ image: 'server:v2', spec }));
    await rolledOut('server:v2');
    stop();
    expect(together).toBe(false);
  });

  it('changes size while paused, but not version', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    await rolledOut('server:v1');
    bed.apply(deployment({ image: 'server:v2', spec: { paused: true, replicas: 3 } }));
    await bed.until('three pods', () => current()?.status?.readyReplicas === 3);
    expect(versions()).toEqual(['server:v1', 'server:v1', 'server:v1']);
    expect(conditionOf('Progressing')?.reason).toBe('DeploymentPaused');
    bed.apply(deployment({ image: 'server:v2', spec: { paused: false, replicas: 3 } }));
    await rolledOut('server:v2');
  });

  it('spreads a change of size over both versions in the middle of a rollout', async () => {
    bed = startBed();
    const spec = { replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } };
    bed.apply(deployment({ image: 'server:v1', spec }));
    await rolledOut('server:v1');
    bed.apply(deployment({ image: 'server:v2-never-ready', spec }));
    await bed.until(
      'the rollout is stuck',
      () =>
        sets()
          .map((set) => set.spec.replicas)
          .sort()
          .join() === '2,3',
    );
    bed.apply(deployment({ image: 'server:v2-never-ready', spec: { ...spec, replicas: 9 } }));
    // Ten pods for five: both sets double.
    await bed.until(
      'both grow',
      () =>
        sets()
          .map((set) => set.spec.replicas)
          .sort()
          .join() === '4,6',
    );
  });

  it('keeps as many old ReplicaSets as it is told to', async () => {
    bed = startBed();
    const spec = { replicas: 1, revisionHistoryLimit: 1 };
    for (const image of ['server:v1', 'server:v2', 'server:v3']) {
      bed.apply(deployment({ image, spec }));
      await rolledOut(image);
    }
    await bed.until('the first is gone', () => sets().length === 2);
    expect(sets().map(imageOf).sort()).toEqual(['server:v2', 'server:v3']);
  });

  it('adopts pods of an orphaned ReplicaSet instead of making new ones', async () => {
    bed = startBed();
    bed.apply(deployment({ image: 'server:v1' }));
    await rolledOut('server:v1');
    const before = bed
      .pods()
      .map((pod) => pod.metadata.uid)
      .sort();
    bed.api.delete({ ...DEPLOYMENT, namespace: 'default', name: 'api' }, { propagationPolicy: 'Orphan' });
    await bed.until('the Deployment is gone', () => current() === undefined);
    await bed.until('the ReplicaSet is an orphan', () => (sets()[0]?.metadata.ownerReferences ?? []).length === 0);
    bed.apply(deployment({ image: 'server:v1' }));
    await rolledOut('server:v1');
    expect(
      bed
        .pods()
        .map((pod) => pod.metadata.uid)
        .sort(),
    ).toEqual(before);
    expect(sets()).toHaveLength(1);
  });
});
