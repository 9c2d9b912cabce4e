import { afterEach, describe, expect, it } from 'vitest';
import type { EndpointSlice, Pod } from '../../../api/workloads.ts';
import { ENDPOINT_SLICE, ENDPOINTS, POD, SERVICE, type Service } from '../kinds.ts';
import { type Bed, fetchText, startBed } from '../testing/bed.ts';
import { deployment, service } from '../testing/manifests.ts';

let bed: Bed;
afterEach(() => bed.stop());

const slices = () => bed.api.list<EndpointSlice>(ENDPOINT_SLICE, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=api' });
const endpoints = () => slices().flatMap((slice) => slice.endpoints ?? []);
const readyEndpoints = () => endpoints().filter(({ conditions }) => conditions?.ready);

/** The store gives addresses; the fixed range of tests of other sandboxes is kept out of the way. */
function cluster(): string {
  return bed.find<Service>(SERVICE, 'api')?.spec.clusterIP ?? '';
}

/** A port that no other test uses. */
const PORT = 20_000 + (process.pid % 20_000);

describe('a Service', () => {
  it('lists its pods as endpoints, ready ones as such', async () => {
    bed = startBed();
    bed.apply(service());
    await bed.until('an empty slice', () => slices().length === 1);
    expect(endpoints()).toEqual([]);
    bed.apply(deployment({ image: 'server:v1' }));
    await bed.until('both ready', () => readyEndpoints().length === 2);
    const [slice] = slices();
    expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(
      endpoints()
        .map(({ addresses }) => addresses[0])
        .sort(),
    ).toEqual(
      bed
        .pods()
        .map((pod) => pod.status?.podIP)
        .sort(),
    );
    const legacy = bed.find(ENDPOINTS, 'api')?.subsets as { addresses?: unknown[] }[] | undefined;
    expect(legacy?.[0]?.addresses).toHaveLength(2);
  });

  it('takes a pod out as soon as it is terminating', async () => {
    bed = startBed();
    bed.apply(service());
    bed.apply(deployment({ image: 'server:v1-ignores-sigterm', spec: { replicas: 1 }, pod: { terminationGracePeriodSeconds: 20 } }));
    await bed.until('ready', () => readyEndpoints().length === 1);
    const [pod] = bed.pods();
    bed.api.delete({ ...POD, namespace: 'default', name: pod?.metadata.name ?? '' });
    const leaving = await bed.until('terminating', () => endpoints().find(({ conditions }) => conditions?.terminating));
    expect(leaving.conditions).toEqual({ ready: false, serving: true, terminating: true });
    await bed.until('replaced', () => readyEndpoints().length === 1);
  });

  it('lists unready pods, but leads nobody to them', async () => {
    bed = startBed();
    bed.apply(service());
    bed.apply(deployment({ image: 'server:v1-never-ready' }));
    await bed.until('both listed', () => endpoints().length === 2 && bed.pods().every((pod) => pod.status?.phase === 'Running'));
    expect(endpoints().map(({ conditions }) => conditions)).toEqual(Array(2).fill({ ready: false, serving: false, terminating: false }));
    expect(bed.workloads.routes.service('default', 'api', 'http')).toBeUndefined();
  });

  it('serves real HTTP on its own address, in turn from every ready pod, and refuses where there is none', async () => {
    bed = startBed();
    bed.apply(service('api', PORT));
    expect(await fetchText(cluster(), PORT, '/version')).toBeUndefined();
    bed.apply(deployment({ image: 'server:v1' }));
    await bed.until('it answers', async () => (await fetchText(cluster(), PORT, '/version'))?.body === 'v1');
    await bed.until('both are ready', () => readyEndpoints().length === 2);
    const answers = await bed.until('the proxy knows both', async () => {
      const pids = await Promise.all([1, 2, 3, 4].map(() => fetchText(cluster(), PORT, '/pid')));
      const distinct = new Set(pids.map((answer) => answer?.body));
      return distinct.size === 2 && distinct;
    });
    expect(answers.has(undefined)).toBe(false);
    expect(bed.workloads.routes.service('default', 'api', String(PORT))?.port).toBe(8080);
    bed.apply(deployment({ image: 'server:v1', spec: { replicas: 0 } }));
    await bed.until('it refuses', async () => (await fetchText(cluster(), PORT, '/version')) === undefined && endpoints().length === 0);
  });

  it('never loses a request during a rolling update of pods that end in order', async () => {
    bed = startBed();
    bed.apply(service('api', PORT));
    const lifecycle = { preStop: { sleep: { seconds: 5 } } };
    bed.apply(deployment({ image: 'server:v1', container: { lifecycle } }));
    await bed.until('both ready', () => readyEndpoints().length === 2);
    await bed.until('it answers', async () => (await fetchText(cluster(), PORT, '/version'))?.body === 'v1');
    bed.apply(deployment({ image: 'server:v2', container: { lifecycle } }));
    let lost = 0;
    await bed.until('only the new version answers', async () => {
      const answer = await fetchText(cluster(), PORT, '/version');
      if (answer?.status !== 200) lost += 1;
      return (
        answer?.body === 'v2' && bed.pods().length === 2 && bed.pods().every((pod: Pod) => pod.spec.containers[0]?.image === 'server:v2')
      );
    });
    expect(lost).toBe(0);
  });
});
