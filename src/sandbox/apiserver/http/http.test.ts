import { createServer } from 'node:http';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, type ClusterUnderTest, JANE_TOKEN, startCluster } from '../testing/cluster-under-test.ts';

const DEFAULT = '/api/v1/namespaces/default';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
let cluster: ClusterUnderTest;
let backendPort: number;
const backend = createServer((request, response) => {
  response.setHeader('x-seen-path', request.url ?? '');
  response.end(`authorization: ${request.headers.authorization ?? 'none'}`);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  backendPort = (backend.address() as AddressInfo).port;
  const here = () => ({ host: '127.0.0.1', port: backendPort });
  cluster = await startCluster({ service: (_namespace, name) => (name === 'web' ? here() : undefined), pod: here });
});

afterAll(async () => {
  await cluster.stop();
  await new Promise((resolve) => backend.close(resolve));
});

const configMap = (name: string, data: Record<string, string> = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

/** Reads events of a watch until `count` have come. */
function watchEvents(
  path: string,
  count: number,
  accept = 'application/json',
): { events: Promise<{ type: string; object: Record<string, never> }[]>; opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const events = new Promise<{ type: string; object: Record<string, never> }[]>((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, accept };
    const request = get(`${cluster.server.url}${path}`, { ca: cluster.server.caPem, headers }, (response) => {
      open();
      let text = '';
      const finish = (): void => {
        const lines = text.split('\n').slice(0, -1);
        if (lines.length < count && !response.complete) return;
        request.destroy();
        resolve(lines.map((line) => JSON.parse(line)));
      };
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        finish();
      });
      response.on('end', finish);
    });
    request.on('error', (error) => (request.destroyed ? undefined : reject(error)));
  });
  return { events, opened };
}

describe('who may come in', () => {
  it('is nobody without a known token', async () => {
    for (const token of [null, 'wrong']) {
      const reply = await cluster.send('GET', '/api/v1/namespaces', { token });
      expect(reply.json).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    }
  });

  it('may everybody ask for health and version', async () => {
    expect(await cluster.send('GET', '/readyz', { token: null })).toMatchObject({ status: 200, text: 'ok' });
    expect((await cluster.send('GET', '/version', { token: null })).json.major).toBe('1');
  });

  it('is told what is missing, in the words of RBAC', async () => {
    const list = await cluster.send('GET', `${DEFAULT}/pods`, { token: JANE_TOKEN });
    expect(list.json.message).toBe('pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"');
    const scale = await cluster.send('GET', '/apis/apps/v1/namespaces/kube-system/deployments/x/scale', { token: JANE_TOKEN });
    expect(scale.json.message).toBe(
      'deployments.apps "x" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps" in the namespace "kube-system"',
    );
    const node = await cluster.send('GET', '/api/v1/nodes/n', { token: JANE_TOKEN });
    expect(node.json.message).toBe('nodes "n" is forbidden: User "jane" cannot get resource "nodes" in API group "" at the cluster scope');
    expect((await cluster.send('GET', '/metrics', { token: JANE_TOKEN })).json.message).toBe(
      'forbidden: User "jane" cannot get path "/metrics"',
    );
  });

  it('may do what a RoleBinding in the namespace allows, and only to the names that it lists', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs: ['get', 'watch', 'list'] }];
    await cluster.send('POST', `${rbac}/roles`, { body: { metadata: { name: 'one-map' }, rules } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'one-map' };
    await cluster.send('POST', `${rbac}/rolebindings`, {
      body: { metadata: { name: 'jane' }, roleRef, subjects: [{ kind: 'Group', name: 'developers' }] },
    });
    await cluster.send('POST', `${DEFAULT}/configmaps`, { body: configMap('mine') });
    expect((await cluster.send('GET', `${DEFAULT}/configmaps/mine`, { token: JANE_TOKEN })).status).toBe(200);
    expect((await cluster.send('GET', `${DEFAULT}/configmaps?fieldSelector=metadata.name%3Dmine`, { token: JANE_TOKEN })).status).toBe(200);
    expect((await cluster.send('GET', `${DEFAULT}/configmaps`, { token: JANE_TOKEN })).status).toBe(403);
    expect((await cluster.send('GET', '/api/v1/namespaces/kube-system/configmaps/mine', { token: JANE_TOKEN })).status).toBe(403);
    const review = { spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'configmaps', name: 'mine' } } };
    const answer = await cluster.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      token: JANE_TOKEN,
      body: review,
    });
    expect(answer.json.status).toEqual({ allowed: true });
  });
});

describe('refusals', () => {
  it.each([
    ['GET', '/api/v1/foos', 404, 'the server could not find the requested resource'],
    ['GET', `${DEFAULT}/pods/none`, 404, 'pods "none" not found'],
    ['PUT', `${DEFAULT}/configmaps`, 405, 'the server does not allow this method on the requested resource'],
    ['GET', '/api/v1/configmaps?resourceVersion=abc', 400, /^invalid resource version: /],
    ['GET', '/api/v1/configmaps?labelSelector=a%3D%3Db%3D%3Dc', 400, "found '==', expected: ',' or 'end of string'"],
    ['GET', '/api/v1/pods?fieldSelector=spec.none%3D1', 400, 'field label not supported: spec.none'],
    ['GET', '/api/v1/configmaps?resourceVersion=99999999', 504, /^Timeout: Too large resource version: 99999999/],
    ['DELETE', '/api/v1/namespaces/default', 403, 'namespaces "default" is forbidden: this namespace may not be deleted'],
  ])('%s %s is answered with %i', async (method, path, code, message) => {
    const reply = await cluster.send(method, path);
    expect(reply.json).toMatchObject({ kind: 'Status', status: 'Failure', code });
    expect(reply.json.message).toMatch(message);
  });

  it('of media types are 406 and 415', async () => {
    expect((await cluster.send('GET', `${DEFAULT}/configmaps`, { headers: { accept: 'application/xml' } })).json).toMatchObject({
      code: 406,
      reason: 'NotAcceptable',
    });
    const text = { body: 'x', headers: { 'content-type': 'text/plain' } };
    expect((await cluster.send('POST', `${DEFAULT}/configmaps`, text)).json).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    expect((await cluster.send('PATCH', `${DEFAULT}/configmaps/a`, { body: {} })).json).toMatchObject({ code: 415 });
  });

  it('name unknown fields where the client asked for strictness, else warn of them', async () => {
    const body = { ...configMap('strict'), spec: { a: 1 } };
    const strict = await cluster.send('POST', `${DEFAULT}/configmaps?fieldValidation=Strict`, { body });
    expect(strict.json).toMatchObject({
      code: 400,
      message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "spec"',
    });
    const warned = await cluster.send('POST', `${DEFAULT}/configmaps?dryRun=All`, { body });
    expect(warned.status).toBe(201);
    expect(warned.headers.warning).toBe('299 - "unknown field \\"spec\\""');
  });

  it('list every cause of an invalid object', async () => {
    const template = { metadata: { labels: { app: 'y' } }, spec: { containers: [] } };
    const body = { metadata: { name: 'api' }, spec: { selector: { matchLabels: { app: 'x' } }, template } };
    const reply = await cluster.send('POST', '/apis/apps/v1/namespaces/default/deployments', { body });
    expect(reply.json).toMatchObject({ code: 422, reason: 'Invalid', details: { group: 'apps', kind: 'Deployment', name: 'api' } });
    expect(reply.json.details.causes).toEqual(
      expect.arrayContaining([
        { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.template.spec.containers' },
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: {"app":"y"}: `selector` does not match template `labels`',
          field: 'spec.template.metadata.labels',
        },
      ]),
    );
  });
});

describe('bodies of any shape', () => {
  it('are taken or refused, but never bring the server down', async () => {
    const fields = fc.dictionary(
      fc.constantFrom('labels', 'annotations', 'finalizers', 'ownerReferences', 'managedFields', 'generateName', 'uid'),
      fc.jsonValue(),
    );
    const body = fc.record({ metadata: fc.oneof(fc.jsonValue(), fields), spec: fc.jsonValue(), data: fc.jsonValue() });
    const collections = [`${DEFAULT}/pods`, `${DEFAULT}/configmaps`, `${DEFAULT}/services`, '/apis/apps/v1/namespaces/default/deployments'];
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom(...collections), async (content, path) => {
        expect((await cluster.send('POST', `${path}?dryRun=All`, { body: content })).status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });
});

describe('lists', () => {
  it('come in consistent pages, even when objects change between them', async () => {
    const space = '/api/v1/namespaces/paging/configmaps';
    await cluster.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'paging' } } });
    for (const name of ['a', 'b', 'c']) await cluster.send('POST', space, { body: configMap(name) });
    const first = await cluster.send('GET', `${space}?limit=2`);
    expect(first.json.metadata).toMatchObject({ remainingItemCount: 1 });
    await cluster.send('DELETE', `${space}/c`);
    await cluster.send('POST', space, { body: configMap('d') });
    const second = await cluster.send('GET', `${space}?limit=2&continue=${first.json.metadata.continue}`);
    expect(second.json.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['c']);
    expect(second.json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion);
    const exact = await cluster.send('GET', `${space}?resourceVersion=${first.json.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(exact.json.items).toHaveLength(3);
    cluster.store.compact();
    const late = await cluster.send('GET', `${space}?limit=2&continue=${first.json.metadata.continue}`);
    expect(late.json).toMatchObject({ code: 410, reason: 'Expired' });
  });

  it('come as tables and as metadata alone', async () => {
    await cluster.send('POST', `${DEFAULT}/configmaps`, { body: configMap('shown', { a: '1', b: '2' }) });
    const path = `${DEFAULT}/configmaps?fieldSelector=metadata.name%3Dshown`;
    const table = await cluster.send('GET', path, { headers: { accept: TABLE } });
    expect(table.json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      rows: [{ cells: ['shown', 2, expect.stringMatching(/^\d+s$/)] }],
    });
    expect(table.json.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual(['Name', 'Data', 'Age']);
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const partial = await cluster.send('GET', path, { headers: { accept } });
    expect(partial.json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'shown' } }],
    });
    expect(partial.json.items[0].data).toBeUndefined();
  });
});

describe('watches', () => {
  it('go on from a resourceVersion', async () => {
    const created = await cluster.send('POST', `${DEFAULT}/configmaps`, { body: configMap('watched') });
    await cluster.send('PATCH', `${DEFAULT}/configmaps/watched`, {
      body: { data: { a: '1' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await cluster.send('DELETE', `${DEFAULT}/configmaps/watched`);
    const { events } = watchEvents(`${DEFAULT}/configmaps?watch=true&resourceVersion=${created.json.metadata.resourceVersion}`, 2);
    expect((await events).map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
  });

  it('show an object that enters or leaves the selection as added or deleted', async () => {
    const { events, opened } = watchEvents(`${DEFAULT}/configmaps?watch=1&labelSelector=watched%3Dyes`, 2);
    await opened;
    await cluster.send('POST', `${DEFAULT}/configmaps`, { body: configMap('moving') });
    const label = (value: string | null) =>
      cluster.send('PATCH', `${DEFAULT}/configmaps/moving`, {
        body: { metadata: { labels: { watched: value } } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    await label('yes');
    await label(null);
    expect((await events).map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
  });

  it('end the initial events with a bookmark', async () => {
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1';
    const { events } = watchEvents(`/api/v1/namespaces/kube-system/serviceaccounts?${query}`, 2);
    expect(await events).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'default' } } },
      { type: 'BOOKMARK', object: { kind: 'ServiceAccount', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } },
    ]);
  });

  it('tell that their beginning is forgotten', async () => {
    const { json } = await cluster.send('POST', `${DEFAULT}/configmaps`, { body: configMap('old') });
    await cluster.send('POST', `${DEFAULT}/configmaps`, { body: configMap('newer') });
    cluster.store.compact();
    const { events } = watchEvents(`${DEFAULT}/configmaps?watch=1&resourceVersion=${json.metadata.resourceVersion}`, 1);
    expect(await events).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }]);
  });

  it('carry rows of a table, with the columns once', async () => {
    await cluster.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'rows' } } });
    const { events, opened } = watchEvents('/api/v1/namespaces/rows/configmaps?watch=1', 2, TABLE);
    await opened;
    for (const name of ['a', 'b']) await cluster.send('POST', '/api/v1/namespaces/rows/configmaps', { body: configMap(name) });
    const [first, second] = await events;
    expect(first?.object).toMatchObject({ kind: 'Table', columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }] });
    expect(second?.object).toMatchObject({ kind: 'Table', columnDefinitions: null, rows: [{ cells: ['b', 0, '0s'] }] });
  });

  it('end when their time is over', async () => {
    const { events } = watchEvents('/api/v1/namespaces/kube-public/pods?watch=1&timeoutSeconds=1', 99);
    expect(await events).toEqual([]);
  });
});

describe('discovery', () => {
  it('is the same in both forms', async () => {
    const legacy = await cluster.send('GET', '/apis/apps/v1');
    const deployments = legacy.json.resources.find(({ name }: { name: string }) => name === 'deployments');
    expect(deployments).toMatchObject({ kind: 'Deployment', namespaced: true, shortNames: ['deploy'], categories: ['all'] });
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const aggregated = await cluster.send('GET', '/apis', { headers: { accept } });
    expect(aggregated.headers['content-type']).toBe(accept);
    const apps = aggregated.json.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'apps');
    expect(apps.versions[0].resources.map(({ resource }: { resource: string }) => resource)).toContain('deployments');
  });
});

describe('proxying', () => {
  beforeAll(async () => {
    const ports = [{ name: 'http', port: 80 }];
    for (const name of ['web', 'asleep'])
      await cluster.send('POST', `${DEFAULT}/services`, { body: { metadata: { name }, spec: { ports } } });
  });

  it('reaches a ready endpoint, with path and query and without the token', async () => {
    const reply = await cluster.send('GET', `${DEFAULT}/services/web:http/proxy/a%20b/c?d=e`);
    expect(reply).toMatchObject({ status: 200, text: 'authorization: none' });
    expect(reply.headers['x-seen-path']).toBe('/a%20b/c?d=e');
  });

  it('answers 503 where no endpoint is ready, and 404 where there is no such service', async () => {
    expect((await cluster.send('GET', `${DEFAULT}/services/asleep/proxy/`)).json).toMatchObject({
      code: 503,
      message: 'no endpoints available for service "asleep"',
    });
    expect((await cluster.send('GET', `${DEFAULT}/services/none/proxy/`)).json).toMatchObject({ code: 404 });
  });
});

describe('logs and evictions of pods', () => {
  beforeAll(async () => {
    const spec = {
      containers: [
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:1' },
      ],
      nodeName: 'node',
    };
    await cluster.send('POST', `${DEFAULT}/pods`, { body: { metadata: { name: 'talker' }, spec } });
  });

  it('come from the container that is asked for', async () => {
    expect((await cluster.send('GET', `${DEFAULT}/pods/talker/log?container=b&tailLines=1`)).text).toBe('talker/b line 3\n');
    expect((await cluster.send('GET', `${DEFAULT}/pods/talker/log?container=a&limitBytes=6`)).text).toBe('talker');
  });

  it('say which containers there are', async () => {
    expect((await cluster.send('GET', `${DEFAULT}/pods/talker/log`)).json).toMatchObject({
      code: 400,
      message: 'a container name must be specified for pod talker, choose one of: [a b]',
    });
    expect((await cluster.send('GET', `${DEFAULT}/pods/talker/log?container=c`)).json.message).toBe(
      'container c is not valid for pod talker',
    );
  });

  it('evict only as far as the budget allows', async () => {
    const labels = { app: 'guarded' };
    const spec = { containers: [{ name: 'a', image: 'a:1' }], nodeName: 'node' };
    const conditions = [{ type: 'Ready', status: 'True' }];
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    for (const name of ['one', 'two', 'unready']) {
      await cluster.send('POST', `${DEFAULT}/pods`, { body: { metadata: { name, labels }, spec } });
      const status = { phase: 'Running', conditions: name === 'unready' ? [] : conditions };
      const patch = { body: { status }, headers: { 'content-type': 'application/merge-patch+json' } };
      expect((await cluster.send('PATCH', `${DEFAULT}/pods/${name}/status`, patch)).status).toBe(200);
    }
    await cluster.send('POST', budgets, {
      body: { metadata: { name: 'guarded' }, spec: { minAvailable: 1, selector: { matchLabels: labels } } },
    });
    const status = { currentHealthy: 2, desiredHealthy: 1, disruptionsAllowed: 1 };
    const patch = { body: { status }, headers: { 'content-type': 'application/merge-patch+json' } };
    expect((await cluster.send('PATCH', `${budgets}/guarded/status`, patch)).status).toBe(200);
    const evict = (name: string) =>
      cluster.send('POST', `${DEFAULT}/pods/${name}/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } } });
    expect((await evict('one')).status).toBe(201);
    expect((await evict('two')).json).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget guarded needs 1 healthy pods and has 2 currently' }],
      },
    });
    expect((await evict('unready')).status).toBe(201);
  });

  it('evict by a graceful deletion', async () => {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'talker', namespace: 'default' } };
    expect((await cluster.send('POST', `${DEFAULT}/pods/talker/eviction`, { body })).status).toBe(201);
    expect((await cluster.send('GET', `${DEFAULT}/pods/talker`)).json.metadata.deletionTimestamp).toBeDefined();
  });
});
