import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitError, gitText, runGit } from './git-program.ts';
import { type GitServer, type GitServerOptions, startGitServer } from './server.ts';

const AS_ME = {
  GIT_AUTHOR_NAME: 'Mia',
  GIT_AUTHOR_EMAIL: 'mia@example.com',
  GIT_COMMITTER_NAME: 'Mia',
  GIT_COMMITTER_EMAIL: 'mia@example.com',
};

let folder: string;
let server: GitServer;

async function serve(options: Partial<GitServerOptions> = {}): Promise<void> {
  server = await startGitServer({ root: path.join(folder, 'repositories'), ...options });
}

/** git in the working copy. */
function git(...args: string[]): Promise<string> {
  return gitText(['-C', path.join(folder, 'copy'), ...args], { env: AS_ME });
}

async function clone(url: string): Promise<void> {
  await runGit(['clone', '--quiet', url, path.join(folder, 'copy')]);
}

async function commitFile(name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path.join(folder, 'copy', name), content);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', `Change ${name}`);
}

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GitError);
  return (error as GitError).stderr;
}

/** One raw HTTP request: fetch() would tidy the path first. */
function raw(target: string, method = 'GET'): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path: target, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: response.headers }),
      );
    });
    call.once('error', reject);
    call.end();
  });
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ebb-git-'));
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a repository', () => {
  it('imports a directory as its first commit, without what is ignored', async () => {
    const from = path.join(folder, 'files');
    await mkdir(path.join(from, 'apps'), { recursive: true });
    await writeFile(path.join(from, 'apps', 'web.yaml'), 'kind: ConfigMap\n');
    await writeFile(path.join(from, '.gitignore'), '*.log\n');
    await writeFile(path.join(from, 'noise.log'), 'noise');
    await serve();
    const { url, head } = await server.addRepository('fleet', {
      from,
      message: 'Begin',
      author: { name: 'Ada', email: 'ada@example.com' },
    });
    await clone(url);
    expect(await git('rev-parse', 'HEAD')).toBe(head);
    expect(await git('log', '--format=%an %s')).toBe('Ada Begin');
    expect(await git('ls-files')).toBe('.gitignore\napps/web.yaml');
  });

  it('takes pushes and gives them to the next clone', async () => {
    await serve();
    const { url } = await server.addRepository('acme/fleet');
    await clone(url);
    await git('checkout', '--quiet', '-b', 'main');
    await commitFile('a.txt', 'one\n');
    await git('push', '--quiet', 'origin', 'main');
    await runGit(['clone', '--quiet', '--depth', '1', url, path.join(folder, 'other')]);
    expect(await readFile(path.join(folder, 'other', 'a.txt'), 'utf8')).toBe('one\n');
  });

  it('streams packs of many megabytes, which git sends in chunks', async () => {
    await serve();
    const { url } = await server.addRepository('fleet');
    await clone(url);
    await git('checkout', '--quiet', '-b', 'main');
    const noise = randomBytes(12 * 1024 * 1024);
    await commitFile('noise.bin', noise);
    await git('push', '--quiet', 'origin', 'main');
    await runGit(['clone', '--quiet', url, path.join(folder, 'other')]);
    expect((await readFile(path.join(folder, 'other', 'noise.bin'))).equals(noise)).toBe(true);
  });

  it('speaks protocol version 2 and takes compressed requests', async () => {
    await serve();
    const { url } = await server.addRepository('fleet');
    await clone(url);
    await git('checkout', '--quiet', '-b', 'main');
    await commitFile('a.txt', 'one\n');
    await git('push', '--quiet', 'origin', 'main');
    const answer = await fetch(`${url}/git-upload-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-upload-pack-request', 'content-encoding': 'gzip', 'git-protocol': 'version=2' },
      body: gzipSync('0014command=ls-refs\n0000'),
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(`${await git('rev-parse', 'HEAD')} refs/heads/main`);
  });

  it('refuses a push that is not a fast-forward of what it holds', async () => {
    await serve();
    const { url } = await server.addRepository('fleet');
    await clone(url);
    await git('checkout', '--quiet', '-b', 'main');
    await commitFile('a.txt', 'one\n');
    await git('push', '--quiet', 'origin', 'main');
    await git('commit', '--quiet', '--amend', '--message', 'Other');
    expect(await refusalOf(git('push', 'origin', 'main'))).toContain('non-fast-forward');
  });

  it('must have a name that stays inside the root', async () => {
    await serve();
    for (const name of ['../up', 'a/../b', '/etc', '', '.hidden', 'a/b/c', '-x', 'a b']) {
      await expect(server.addRepository(name)).rejects.toThrow(TypeError);
    }
    expect(existsSync(path.join(folder, 'up.git'))).toBe(false);
  });
});

describe('branch protection', () => {
  beforeEach(async () => {
    await serve();
    const { url } = await server.addRepository('fleet');
    await clone(url);
    await git('checkout', '--quiet', '-b', 'main');
    await commitFile('a.txt', 'one\n');
    await git('push', '--quiet', 'origin', 'main');
    await server.protect('fleet', 'main', true);
    await commitFile('a.txt', 'two\n');
  });

  it('refuses a direct push the way a forge says it', async () => {
    const refusal = await refusalOf(git('push', 'origin', 'main'));
    expect(refusal).toContain('remote: error: GH006: Protected branch update failed for refs/heads/main.');
    expect(refusal).toContain('main is a protected branch');
    expect(refusal).toContain('pre-receive hook declined');
    expect(await gitText(['rev-list', '--count', 'main'], { gitDir: server.directory('fleet') })).toBe('1');
  });

  it('leaves other branches and notes alone, also ones of a similar name', async () => {
    await git('push', '--quiet', 'origin', 'HEAD:refs/heads/main-2', 'HEAD:refs/heads/x/main', 'HEAD:refs/notes/ebb');
  });

  it('can be lifted', async () => {
    await server.protect('fleet', 'main', false);
    await git('push', '--quiet', 'origin', 'main');
  });
});

describe('access', () => {
  beforeEach(async () => {
    await serve({ users: [{ username: 'flux', password: 'p:ss word' }], tokens: ['t0ken'] });
    await server.addRepository('fleet');
  });

  const lsRemote = (header?: string) =>
    gitText(['ls-remote', server.cloneUrl('fleet')], {
      env: header ? { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: `Authorization: ${header}` } : {},
    });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it('asks for credentials', async () => {
    const answer = await raw('/fleet.git/info/refs?service=git-upload-pack');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="Git"');
    expect(await refusalOf(lsRemote())).toContain('could not read Username');
  });

  it('lets in who has them, by password or token', async () => {
    await lsRemote(basic('flux:p:ss word'));
    await lsRemote('Bearer t0ken');
  });

  it.each([
    ['wrong password', basic('flux:nope')],
    ['wrong user', basic('ada:p:ss word')],
    ['wrong token', 'Bearer nope'],
  ])('refuses a %s', async (_, header) => {
    expect(await refusalOf(lsRemote(header))).toMatch(/could not read Username|Authentication failed/);
  });
});

describe('anything but git', () => {
  beforeEach(async () => {
    await serve();
    await server.addRepository('fleet');
    await mkdir(path.join(folder, 'secret.git'), { recursive: true });
    await writeFile(path.join(folder, 'secret.git', 'HEAD'), 'ref: refs/heads/main\n');
  });

  it.each([
    '/../secret.git/info/refs?service=git-upload-pack',
    '/fleet.git/../../secret.git/info/refs?service=git-upload-pack',
    '/%2e%2e/secret.git/info/refs?service=git-upload-pack',
    '/..%2fsecret.git/info/refs?service=git-upload-pack',
    '/fleet.git/config',
    '/fleet.git/HEAD',
    '/fleet.git/objects/info/packs',
    '/fleet.git/info/refs',
    '/fleet.git/info/refs?service=git-evil',
    '/',
  ])('is refused: %s', async (target) => {
    expect((await raw(target)).status).toBe(403);
  });

  it('says that a repository is not there', async () => {
    expect((await raw('/nothing.git/info/refs?service=git-upload-pack')).status).toBe(404);
    expect(await refusalOf(gitText(['ls-remote', `${server.url}/nothing.git`]))).toContain('not found');
  });
});
