import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import type { Clock } from '../../ports.ts';
import { openCluster } from './cluster.ts';
import { type Fixture, type Handler, hangUp, json, startFixture, status } from './fixture-server.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' };
const KUSTOMIZATION = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };
const pod = (name: string, resourceVersion = '1') => ({
  ...POD,
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion },
});
const page = (names: string[], metadata: Record<string, string> = {}) =>
  json(200, { kind: 'PodList', metadata: { resourceVersion: '10', ...metadata }, items: names.map((name) => pod(name)) });

/** Waits are noted rather than waited for. */
function hasty(): { clock: Clock; waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    clock: {
      now: () => new Date(),
      async sleep(ms, signal) {
        waits.push(ms);
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
      },
    },
  };
}

let fixture: Fixture;
let waits: number[];
let clock: Clock;

beforeEach(async () => {
  fixture = await startFixture();
  ({ clock, waits } = hasty());
});
afterEach(() => fixture.stop());

const open = (options: { timeoutMs?: number } = {}) => openCluster({ kubeconfig: fixture.kubeconfig, env: {}, clock, ...options });

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const problem = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(problem instanceof Failure)) throw new Error(`not a failure: ${String(problem)}`);
  expect(JSON.stringify({ ...problem, message: problem.message })).not.toContain('sesame');
  return problem;
}

describe('a cluster', () => {
  it('is named by context and server, and works in the namespace of the context', async () => {
    const cluster = await open();
    expect(cluster.name).toBe(`dev (${fixture.url})`);
    expect(cluster.namespace).toBe('shop');
    fixture.answer((request, response) => {
      expect(request.headers.authorization).toBe('Bearer sesame');
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(JSON.stringify(pod('a'))));
    });
    expect(await cluster.get({ ...POD, name: 'a' })).toEqual(pod('a'));
    expect(fixture.requests).toEqual(['GET /api/v1/namespaces/shop/pods/a']);
  });

  it('reads a long list page by page, and anew where a page has expired', async () => {
    fixture.answer(page(['a'], { continue: 'x' }), status(410, { reason: 'Expired' }), page(['a'], { continue: 'y' }), page(['b']));
    const pods = await (await open()).list(POD, { namespace: 'shop', labelSelector: 'app=x' });
    expect(pods.map((one) => one.metadata.name)).toEqual(['a', 'b']);
    expect(fixture.requests.at(-1)).toBe('GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dx&limit=500&continue=y');
  });

  it('reads a token anew where the server says that it has expired', async () => {
    await fixture.stop();
    fixture = await startFixture({ tokenFile: 'token' });
    const token = join(fixture.folder, 'token');
    await writeFile(token, 'sesame-old\n');
    const cluster = await open();
    const door: Handler = (request, response) => {
      const inside = request.headers.authorization === 'Bearer sesame-new';
      (inside ? json(200, pod('a')) : status(401, { reason: 'Unauthorized' }))(request, response);
    };
    fixture.answer(door);
    expect((await failureOf(cluster.get({ ...POD, name: 'a' }))).code).toBe('Unauthorized');
    await writeFile(token, 'sesame-new\n');
    expect(await cluster.get({ ...POD, name: 'a' })).toEqual(pod('a'));
  });

  it('gives the lines of a pod as they are', async () => {
    fixture.answer((_, response) => void response.end('{"level":"error"}\nlast'));
    const text = await (await open()).logs({ namespace: 'shop', name: 'a' }, { container: 'app', previous: true, tailLines: 5 });
    expect(text).toBe('{"level":"error"}\nlast');
    expect(fixture.requests).toEqual(['GET /api/v1/namespaces/shop/pods/a/log?container=app&previous=true&tailLines=5']);
  });

  it('gives whatever a service answers, without asking twice', async () => {
    const cluster = await open();
    fixture.answer((_, response) => void response.writeHead(500).end('<html>broken</html>'));
    const service = { namespace: 'shop', name: 'web', port: 'http' };
    expect(await cluster.serviceGet(service, 'healthz?x=1')).toEqual({ status: 500, body: '<html>broken</html>' });
    expect(fixture.requests).toEqual(['GET /api/v1/namespaces/shop/services/web%3Ahttp/proxy/healthz?x=1']);
    fixture.answer(status(503, { reason: 'ServiceUnavailable', message: 'no endpoints available for service "web"' }));
    expect(await cluster.serviceGet(service, '/')).toEqual({ status: 503, body: 'no endpoints available for service "web"' });
    fixture.answer(status(403, { reason: 'Forbidden', message: 'services "web:http" is forbidden' }));
    expect(await failureOf(cluster.serviceGet(service, '/'))).toMatchObject({
      code: 'Forbidden',
      message: expect.stringContaining('services/proxy'),
    });
  });

  it('never lets a name out of its place in the path', async () => {
    fixture.answer(status(404, { reason: 'NotFound', details: { name: 'x' } }));
    await (await open()).get({ ...POD, namespace: 'shop', name: '../../secrets/x?y#z' });
    expect(fixture.requests).toEqual(['GET /api/v1/namespaces/shop/pods/..%2F..%2Fsecrets%2Fx%3Fy%23z']);
  });
});

describe('repeats', () => {
  it('of reads go on over hang-ups, 429 and 5xx, and wait as long as the server asks', async () => {
    fixture.answer(hangUp, status(500), status(429, { details: { retryAfterSeconds: 3 } }), json(200, pod('a')));
    expect(await (await open()).get({ ...POD, name: 'a' })).toEqual(pod('a'));
    expect(waits.map((ms) => Math.round(ms / 1_000))).toEqual([0, 0, 3]);
  });

  it('of writes that add up are made only where the server surely did nothing', async () => {
    const cluster = await open();
    fixture.answer(status(429), json(201, pod('a')));
    expect(await cluster.create(pod('a'))).toEqual(pod('a'));
    for (const unsure of [hangUp, status(500)]) {
      fixture.requests.length = 0;
      fixture.answer(unsure);
      await failureOf(cluster.create(pod('a')));
      await failureOf(cluster.patch({ ...POD, name: 'a' }, [], { type: 'json' }));
      expect(fixture.requests).toEqual([
        'POST /api/v1/namespaces/shop/pods?fieldManager=ebb',
        'PATCH /api/v1/namespaces/shop/pods/a?fieldManager=ebb',
      ]);
    }
  });

  it('of writes that come to the same are made', async () => {
    const cluster = await open();
    fixture.answer(hangUp, json(200, pod('a')));
    expect(await cluster.patch({ ...POD, name: 'a' }, {}, { type: 'apply', force: true, dryRun: true, subresource: 'status' })).toEqual(
      pod('a'),
    );
    expect(fixture.requests).toEqual(Array(2).fill('PATCH /api/v1/namespaces/shop/pods/a/status?fieldManager=ebb&force=true&dryRun=All'));
  });
});

describe('a failure', () => {
  it('names the server and the context that do not answer', async () => {
    const port = await closedPort();
    const config = await readFile(fixture.kubeconfig, 'utf8');
    await writeFile(fixture.kubeconfig, config.replace(fixture.url, `http://127.0.0.1:${port}`));
    const gone = await open();
    expect(await failureOf(gone.list(POD))).toMatchObject({
      code: 'ClusterUnreachable',
      message: `no answer from the API server http://127.0.0.1:${port} (context dev)`,
      seen: expect.stringContaining('ECONNREFUSED'),
      next: expect.arrayContaining(['kubectl --context dev cluster-info']),
    });
    expect(waits).toHaveLength(4);
  });

  it('comes in time where the server never answers', async () => {
    fixture.answer(() => undefined);
    expect(await failureOf((await open({ timeoutMs: 50 })).list(POD))).toMatchObject({
      code: 'ClusterUnreachable',
      seen: expect.stringContaining('TimeoutError'),
    });
  });

  it('says where something else than the API answers', async () => {
    for (const code of [200, 403, 404, 502]) {
      fixture.answer(
        (_, response) =>
          void response.writeHead(code, { 'Content-Type': 'text/html; charset=utf-8' }).end('<html><title>Sign in</title></html>'),
      );
      expect(await failureOf((await open()).get({ ...POD, name: 'a' }))).toMatchObject({
        code: 'ClusterError',
        seen: `status ${code}, text/html: "Sign in"`,
      });
    }
  });

  it('of permission carries the role that is missing', async () => {
    fixture.answer(status(403, { reason: 'Forbidden', message: 'kustomizations is forbidden: User "anna" cannot patch' }));
    const failure = await failureOf((await open()).patch({ ...KUSTOMIZATION, name: 'app' }, {}, { type: 'merge', subresource: 'status' }));
    expect(failure.code).toBe('Forbidden');
    expect(failure.message).toBe('no permission to patch kustomizations/status.kustomize.toolkit.fluxcd.io app in the namespace shop');
    expect(failure.next.join('\n')).toContain(
      '  - apiGroups: ["kustomize.toolkit.fluxcd.io"]\n    resources: ["kustomizations/status"]\n    verbs: ["patch"]',
    );
  });

  it('of permission names what the server says is missing: an apply that has to create needs another verb', async () => {
    const message =
      'gitrepositories.source.toolkit.fluxcd.io is forbidden: User "anna" cannot create resource "gitrepositories" in API group "source.toolkit.fluxcd.io" in the namespace "shop"';
    fixture.answer(status(403, { reason: 'Forbidden', message }));
    const failure = await failureOf((await open()).patch({ ...KUSTOMIZATION, name: 'app' }, {}, { type: 'apply' }));
    expect(failure.permission).toEqual({
      verb: 'create',
      group: 'source.toolkit.fluxcd.io',
      resource: 'gitrepositories',
      namespace: 'shop',
    });
    expect(failure.next.join('\n')).toContain('verbs: ["create"]');
  });

  it('of permission can be foreseen', async () => {
    const asked: unknown[] = [];
    const review = (allowed: boolean) =>
      fixture.answer((request, response) => {
        asked.push(request.url);
        response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ status: { allowed } }));
      });
    const access = { verb: 'get', ...POD, subresource: 'log', namespace: 'shop' } as const;
    const cluster = await open();
    review(true);
    expect(await cluster.refusal(access)).toBeUndefined();
    review(false);
    expect(await cluster.refusal(access)).toMatchObject({
      code: 'Forbidden',
      message: 'no permission to get pods/log in the namespace shop',
      permission: { verb: 'get', group: '', resource: 'pods/log', namespace: 'shop' },
    });
    expect(asked).toEqual(Array(2).fill('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'));
    // A server that cannot tell is found out by asking it for the thing itself.
    fixture.answer(status(404, { reason: 'NotFound', message: 'the server could not find the requested resource' }));
    expect(await cluster.refusal(access)).toBeUndefined();
  });

  it('tells a cluster without Flux, or with another version of it, from a missing object', async () => {
    const cluster = await open();
    fixture.answer((_, response) => void response.writeHead(404, { 'Content-Type': 'text/plain' }).end('404 page not found\n'));
    expect(await failureOf(cluster.get({ ...KUSTOMIZATION, name: 'app' }))).toMatchObject({
      code: 'KindNotServed',
      next: ['flux check --context dev'],
    });
    const missing = status(404, { reason: 'NotFound', details: {} });
    fixture.answer(missing, json(200, { kind: 'APIGroup', versions: [{ groupVersion: 'kustomize.toolkit.fluxcd.io/v1beta2' }] }));
    expect((await failureOf(cluster.list(KUSTOMIZATION))).causes[0]).toContain('kustomize.toolkit.fluxcd.io/v1beta2');
  });

  it('of invalid fields and of conflicts names them', async () => {
    const cluster = await open();
    const causes = [{ field: 'spec.path', message: 'must start with ./' }];
    fixture.answer(status(422, { reason: 'Invalid', message: 'is invalid', details: { causes } }));
    expect(await failureOf(cluster.patch({ ...KUSTOMIZATION, name: 'app' }, {}, { type: 'merge' }))).toMatchObject({
      code: 'ClusterError',
      causes: ['spec.path: must start with ./'],
    });
    const owned = [{ field: '.spec.path', message: 'conflict with "kustomize-controller"' }];
    fixture.answer(status(409, { reason: 'Conflict', details: { causes: owned } }));
    expect(await failureOf(cluster.patch({ ...KUSTOMIZATION, name: 'app' }, {}, { type: 'apply' }))).toMatchObject({
      code: 'Conflict',
      causes: ['.spec.path: conflict with "kustomize-controller"'],
    });
  });
});

describe('a watch', () => {
  const stream =
    (...events: [string, Record<string, unknown>][]): Handler =>
    (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(''));
    };
  const bookmark = (resourceVersion: string): [string, Record<string, unknown>] => ['BOOKMARK', { ...POD, metadata: { resourceVersion } }];
  const forever: Handler = (_, response) => void response.writeHead(200).flushHeaders();
  const expired = ['ERROR', { kind: 'Status', code: 410, reason: 'Expired' }] as [string, Record<string, unknown>];

  async function collect(count: number): Promise<string[]> {
    const abort = new AbortController();
    const seen: string[] = [];
    for await (const { type, object } of (await open()).watch(POD, {}, abort.signal)) {
      seen.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`);
      if (seen.length === count) abort.abort();
    }
    return seen;
  }

  it('goes on from the last change or bookmark where a stream ends or breaks', async () => {
    const cutOff: Handler = (_, response) => {
      response.writeHead(200).write(`${JSON.stringify({ type: 'ADDED', object: pod('b', '12') })}\n{"type":"MOD`);
      setImmediate(() => response.destroy());
    };
    fixture.answer(page(['a']), stream(bookmark('11')), cutOff, status(500), hangUp, stream(['DELETED', pod('a', '13')]), forever);
    expect(await collect(3)).toEqual(['ADDED a@1', 'ADDED b@12', 'DELETED a@13']);
    const versions = fixture.requests.slice(1).map((request) => /resourceVersion=(\d+)/.exec(request)?.[1]);
    expect(versions.slice(0, 5)).toEqual(['10', '11', '12', '12', '12']);
  });

  it('lists again after 410, and tells what changed meanwhile', async () => {
    const relisted = json(200, {
      metadata: { resourceVersion: '50' },
      items: [pod('a', '40'), pod('c', '41'), { ...pod('d'), metadata: { ...pod('d', '42').metadata, uid: 'another' } }],
    });
    fixture.answer(page(['a', 'b', 'd']), stream(expired), relisted, status(410), relisted, stream(['MODIFIED', pod('c', '51')]), forever);
    expect(await collect(9)).toEqual([
      'ADDED a@1',
      'ADDED b@1',
      'ADDED d@1',
      'DELETED b@1',
      'DELETED d@1',
      'MODIFIED a@40',
      'ADDED c@41',
      'ADDED d@42',
      'MODIFIED c@51',
    ]);
  });

  it('does not flood a server that ends each stream at once', async () => {
    const ended = stream();
    fixture.answer(page(['a']), ended, ended, ended, ended, ended, ended, stream(['MODIFIED', pod('a', '2')]), forever);
    await collect(2);
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 5_000]);
  });

  it('ends at once where it is aborted while the server is silent', async () => {
    fixture.answer(page([]), forever);
    const abort = new AbortController();
    const watch = (await open()).watch(POD, {}, abort.signal)[Symbol.asyncIterator]();
    const next = watch.next();
    await until(() => fixture.requests.length === 2);
    abort.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('fails where the permission is taken away', async () => {
    fixture.answer(page([]), status(403, { reason: 'Forbidden', message: 'no' }));
    const watch = (await open()).watch(POD, { namespace: 'shop' }, new AbortController().signal)[Symbol.asyncIterator]();
    expect(await failureOf(watch.next())).toMatchObject({
      code: 'Forbidden',
      message: 'no permission to watch pods in the namespace shop',
    });
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; ) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it did not come to that');
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
