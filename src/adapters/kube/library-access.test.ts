import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openCluster } from './cluster.ts';
import { type Fixture, json, startFixture, status } from './fixture-server.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' };
const found = json(200, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
let fixture: Fixture;

afterEach(() => fixture.stop());

async function plugin(script: string): Promise<void> {
  const path = join(fixture.folder, 'login');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o700);
}

const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './login', interactiveMode: 'Never', provideClusterInfo: true };

describe('an exec plugin', () => {
  it('gives the token, is told the cluster, and is asked again where the token is refused', async () => {
    fixture = await startFixture({ exec });
    await plugin(
      `cd "$(dirname "$0")"; echo "$KUBERNETES_EXEC_INFO" > info; echo x >> runs; echo '{"kind":"ExecCredential","status":{"token":"t'$(wc -l < runs | tr -d ' ')'"}}'`,
    );
    let accepted = 'Bearer t1';
    fixture.answer((request, response) => (request.headers.authorization === accepted ? found : status(401))(request, response));
    const cluster = await openCluster({ kubeconfig: fixture.kubeconfig, env: {} });
    await cluster.get(POD);
    await cluster.get(POD);
    expect(await readFile(join(fixture.folder, 'runs'), 'utf8')).toBe('x\n');
    accepted = 'Bearer t2';
    expect(await cluster.get(POD)).toBeDefined();
    const info = JSON.parse(await readFile(join(fixture.folder, 'info'), 'utf8')) as unknown;
    expect(info).toMatchObject({
      kind: 'ExecCredential',
      apiVersion: exec.apiVersion,
      spec: { interactive: false, cluster: { server: fixture.url } },
    });
    cluster.close();
  });

  it('that fails or is missing is told, but never what it wrote as its credential', async () => {
    fixture = await startFixture({ exec });
    const cluster = await openCluster({ kubeconfig: fixture.kubeconfig, env: {} });
    await expect(cluster.get(POD)).rejects.toMatchObject({ code: 'Unauthorized', causes: [expect.stringContaining('is not installed')] });
    await plugin('echo "run: login --again" >&2; exit 1');
    await expect(cluster.get(POD)).rejects.toMatchObject({ code: 'Unauthorized', seen: 'run: login --again' });
    await plugin('echo sesame');
    await expect(cluster.get(POD)).rejects.toMatchObject({ code: 'Unauthorized', seen: 'its answer is not JSON' });
    expect(fixture.requests).toEqual([]);
  });
});

describe('a proxy', () => {
  it('that the kubeconfig names is gone through', async () => {
    fixture = await startFixture();
    fixture.answer(found);
    const through: string[] = [];
    const proxy = createServer((request, response) => {
      through.push(`${request.url}`);
      request.pipe(httpRequest(request.url ?? '', { method: request.method, headers: request.headers }, (answer) => answer.pipe(response)));
    });
    proxy.on('connect', (request, socket) => {
      through.push(`${request.url}`);
      const [host, port] = (request.url ?? '').split(':');
      const far = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(far).pipe(socket);
      });
      for (const end of [far, socket]) end.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const config = await readFile(fixture.kubeconfig, 'utf8');
    await writeFile(fixture.kubeconfig, config.replace(/^( *)server: .*$/m, `$&\n$1proxy-url: ${url}`));
    const cluster = await openCluster({ kubeconfig: fixture.kubeconfig, env: {} });
    expect(await cluster.get(POD)).toBeDefined();
    expect(through).toEqual([fixture.url.replace('http://', '')]);
    cluster.close();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });
});
