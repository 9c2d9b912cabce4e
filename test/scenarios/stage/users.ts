/** The users of the sample application. */
import { expect } from 'vitest';
import type { KubeObject } from '../../../src/api/kube.ts';
import { requestApplication } from '../../../src/demo/requests.ts';
import type { Cluster } from '../../../src/ports.ts';

const SERVICE = { namespace: 'sample-saas-app', labelSelector: 'kubernetes.io/service-name=sample-saas-app' };

interface EndpointSlice extends KubeObject {
  endpoints?: { conditions?: { ready?: boolean } }[];
}

export async function everyRequestIsAnswered(cluster: Cluster, count: number): Promise<void> {
  expect(await requestApplication(cluster, count)).toEqual({ sent: count, failed: 0 });
}

/** What is left to see where pods run no program: requests would find a pod that is ready. */
export async function endpointsAreReady(cluster: Cluster): Promise<void> {
  const slices = await cluster.list<EndpointSlice>({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, SERVICE);
  const ready = slices.flatMap((slice) => slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready);
  expect(ready.length, 'ready endpoints of the sample application').toBeGreaterThan(0);
}
