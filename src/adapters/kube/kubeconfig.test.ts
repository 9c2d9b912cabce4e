import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { loadContext } from './kubeconfig.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebb-kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const simple = (server: string, current = true) => `
clusters: [{name: c, cluster: {server: "${server}"}}]
users: [{name: u, user: {token: sesame}}]
contexts: [{name: dev, context: {cluster: c, user: u}}]
${current ? 'current-context: dev' : ''}
`;

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const problem = await promise.catch((reason: unknown) => reason);
  if (!(problem instanceof Failure)) throw new Error('no failure');
  expect(problem.code).toBe('KubeconfigInvalid');
  expect(JSON.stringify({ ...problem, message: problem.message })).not.toContain('sesame');
  return problem;
}

describe('a kubeconfig', () => {
  it('is the one of the flag, else those of KUBECONFIG, else ~/.kube/config', async () => {
    await mkdir(join(folder, '.kube'));
    await file('.kube/config', simple('https://home'));
    const listed = await file('listed', simple('https://listed'));
    const named = await file('named', simple('https://named'));
    const server = async (options: { kubeconfig?: string; env: NodeJS.ProcessEnv }) => (await loadContext(options)).cluster.server;
    expect(await server({ env: { HOME: folder } })).toBe('https://home');
    expect(await server({ env: { HOME: folder, KUBECONFIG: listed } })).toBe('https://listed');
    expect(await server({ kubeconfig: named, env: { HOME: folder, KUBECONFIG: listed } })).toBe('https://named');
  });

  it('of several files is merged: the first one to name a thing wins, files that are not there are passed over', async () => {
    const one = await file('one', 'current-context: prod\nclusters: [{name: c, cluster: {server: "https://one"}}]\n');
    const two = await file(
      'two',
      simple('https://two').replace('contexts: [', 'contexts: [{name: prod, context: {cluster: c, user: u, namespace: shop}}, '),
    );
    const context = await loadContext({ env: { KUBECONFIG: [join(folder, 'absent'), one, two].join(delimiter) } });
    expect(context).toMatchObject({ name: 'prod', namespace: 'shop', cluster: { server: 'https://one' }, user: { token: 'sesame' } });
  });

  it('resolves paths from where it stands itself', async () => {
    await mkdir(join(folder, 'sub'));
    const path = await file(
      'sub/config',
      `
clusters: [{name: c, cluster: {server: "https://x/", certificate-authority: ca.crt, tls-server-name: y, proxy-url: "http://p"}}]
users: [{name: u, user: {client-certificate: ../me.crt, client-key: /etc/me.key, exec: {command: ./login}, as: boss, as-groups: [a, b], as-user-extra: {x/y: [z]}}}]
contexts: [{name: dev, context: {cluster: c, user: u}}]
current-context: dev
`,
    );
    expect(await loadContext({ kubeconfig: path, env: {} })).toEqual({
      name: 'dev',
      cluster: { server: 'https://x', caFile: join(folder, 'sub/ca.crt'), skipTlsVerify: false, tlsServerName: 'y', proxyUrl: 'http://p' },
      user: {
        certFile: join(folder, 'me.crt'),
        keyFile: '/etc/me.key',
        exec: { command: join(folder, 'sub/login') },
        impersonate: { 'Impersonate-User': 'boss', 'Impersonate-Group': ['a', 'b'], 'Impersonate-Extra-x%2Fy': ['z'] },
      },
    });
  });

  it('says what is missing in it, and which contexts there are', async () => {
    const path = await file('config', simple('https://x', false));
    expect((await failure(loadContext({ kubeconfig: path, env: {} }))).message).toBe('no context is selected');
    const unknown = await failure(loadContext({ kubeconfig: path, context: 'prod', env: {} }));
    expect(unknown.message).toBe('no context prod');
    expect(unknown.seen).toBe(`contexts in ${path}: dev`);
    const noServer = await file('no-server', simple(''));
    expect((await failure(loadContext({ kubeconfig: noServer, env: {} }))).message).toContain('names no cluster with a server');
    const noUser = await file('no-user', simple('https://x').replace('user: u}', 'user: v}'));
    expect((await failure(loadContext({ kubeconfig: noUser, env: {} }))).message).toContain('names the user v');
    const notHttp = await file('not-http', simple('ftp://x'));
    expect((await failure(loadContext({ kubeconfig: notHttp, env: {} }))).message).toContain('is not a URL of HTTP');
  });

  it('that cannot be read is told by path and line, without what stands there', async () => {
    const broken = await file('broken', 'users:\n- user: {token: "sesame\n');
    const problem = await failure(loadContext({ kubeconfig: broken, env: {} }));
    expect(problem.message).toBe(`the kubeconfig ${broken} is not YAML`);
    expect(problem.seen).toMatch(/^line \d+: /);
    const absent = join(folder, 'absent');
    expect((await failure(loadContext({ kubeconfig: absent, env: {} }))).seen).toBe('ENOENT');
    const none = await failure(loadContext({ env: { HOME: folder } }));
    expect(none.seen).toContain(join(folder, '.kube/config'));
  });
});
