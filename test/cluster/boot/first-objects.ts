/** What a cluster has before its users come: Flux's kinds, its namespace, a node. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../src/api/kube.ts';
import type { ApiRequests } from './api-requests.ts';

export const NODE = 'ebb-node';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Conditioned {
  status?: { conditions?: { type: string; status: string }[] };
}

/** Reads the custom resource definitions below `<folder>/<controller>/`. */
export async function readCrds(folder: string): Promise<KubeObject[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject | null))
    .filter((object): object is KubeObject => object?.kind === 'CustomResourceDefinition');
}

export async function installCrds(api: ApiRequests, crds: readonly KubeObject[]): Promise<void> {
  await Promise.all(crds.map((crd) => api.create(`${CRDS}?fieldManager=flux`, crd)));
}

/** Whether every definition is served. */
export async function crdsEstablished(api: ApiRequests, crds: readonly KubeObject[]): Promise<boolean> {
  const found = await Promise.all(crds.map((crd) => api.get<Conditioned>(`${CRDS}/${crd.metadata.name}`)));
  return found.every((crd) => holds(crd, 'Established'));
}

export async function makeNamespace(api: ApiRequests, name: string): Promise<void> {
  await api.create('/api/v1/namespaces?fieldManager=flux', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

export async function makeNode(api: ApiRequests): Promise<void> {
  const size = { cpu: '64', memory: '256Gi', pods: '5000', 'ephemeral-storage': '1Ti' };
  await api.create('/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE, labels: { 'kubernetes.io/hostname': NODE, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' } },
    status: { allocatable: size, capacity: size },
  });
}

/** Whether pods can be placed: the node is ready and its taint of the first seconds gone. */
export async function nodeUsable(api: ApiRequests): Promise<boolean> {
  const node = await api.get<Conditioned & { spec: { taints?: unknown[] } }>(`/api/v1/nodes/${NODE}`);
  return node !== undefined && holds(node, 'Ready') && (node.spec.taints ?? []).length === 0;
}

/** Whether the controller manager is at work: it makes this account in every namespace. */
export async function accountMade(api: ApiRequests, namespace: string): Promise<boolean> {
  return (await api.get(`/api/v1/namespaces/${namespace}/serviceaccounts/default`)) !== undefined;
}

function holds(object: Conditioned | undefined, type: string): boolean {
  return object?.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}
