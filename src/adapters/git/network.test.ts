import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitServer, requireAuthorization, serveGit } from '../../../test/git/http-server.ts';
import { git, RemoteRepository } from '../../../test/git/remote-repository.ts';
import { Failure } from '../../core/failure.ts';
import type { Clock, GitRepo } from '../../ports.ts';
import { openRepository, type RepositoryOptions } from './repository.ts';

const IMPATIENT: Clock = { now: () => new Date(), sleep: () => new Promise((resolve) => setImmediate(resolve)) };
const AUTHOR = { name: 'Ebb', email: 'ebb@example.com' };

let remote: RemoteRepository;
let server: GitServer;
let opened: { close(): Promise<void> }[];
let log: string[];

beforeEach(async () => {
  remote = await RemoteRepository.create({ 'app.yaml': 'tag: 1\n' });
  server = await serveGit(remote.directory);
  opened = [];
  log = [];
});
afterEach(async () => {
  for (const repo of opened) await repo.close();
  await server.close();
  await remote.remove();
});

async function open(options: Partial<RepositoryOptions> = {}) {
  const repo = await openRepository({
    url: `${server.url}/remote.git`,
    branch: 'main',
    cacheDir: join(remote.directory, 'cache'),
    identity: AUTHOR,
    clock: IMPATIENT,
    log: (line) => log.push(line),
    ...options,
  });
  opened.push(repo);
  return repo;
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(() => undefined).catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error(`expected a Failure, got ${error}`);
  return error;
}

const shown = (failure: Failure) => JSON.stringify([failure.message, failure.seen, failure.causes, failure.next, failure.stack]);

async function newCommit(repo: GitRepo): Promise<{ sha: string; head: string }> {
  const head = await repo.fetch();
  const tree = await repo.writeTree(head, [{ path: 'app.yaml', content: new TextEncoder().encode('tag: 0\n') }]);
  return { head, sha: await repo.createCommit({ tree, parents: [head], message: 'Back\n', author: AUTHOR }) };
}

describe('credentials', () => {
  const BASIC = { kind: 'basic', username: 'ada', password: 'hunter2-secret' } as const;
  const BASIC_HEADER = `Basic ${Buffer.from('ada:hunter2-secret').toString('base64')}`;

  it('open a repository with a user and password, a token, or what the URL holds', async () => {
    server.intercept = requireAuthorization(BASIC_HEADER);
    expect(await (await open({ credentials: BASIC })).fetch()).toBe(await remote.head());
    const inUrl = server.url.replace('://', '://ada:hunter2-secret@');
    expect(await (await open({ url: `${inUrl}/remote.git`, cacheDir: join(remote.directory, 'cache-2') })).fetch()).toBe(
      await remote.head(),
    );
    server.intercept = requireAuthorization('Bearer tok-secret');
    expect(await (await open({ credentials: { kind: 'bearer', token: 'tok-secret' } })).fetch()).toBe(await remote.head());
  });

  it('push too', async () => {
    server.intercept = requireAuthorization(BASIC_HEADER);
    const repo = await open({ credentials: BASIC });
    const { sha, head } = await newCommit(repo);
    expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'pushed' });
  });

  it('are named as the cause when they are missing or wrong, without being shown', async () => {
    server.intercept = requireAuthorization('Bearer right');
    for (const credentials of [undefined, BASIC, { kind: 'bearer', token: 'tok-secret' } as const]) {
      const failure = await failureOf(open({ credentials }));
      expect(failure.code).toBe('GitAuthFailed');
      expect(failure.message).toContain(server.url);
      expect(shown(failure)).not.toMatch(/hunter2|tok-secret/);
      expect(shown(failure)).not.toContain(BASIC_HEADER.split(' ')[1]);
    }
  });

  it('are never in arguments, logs or the mirror', async () => {
    const bin = join(remote.directory, 'bin');
    const calls = join(remote.directory, 'calls');
    await mkdir(bin);
    const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v git']);
    await writeFile(join(bin, 'git'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${calls}'\nexec ${stdout.trim()} "$@"\n`);
    await chmod(join(bin, 'git'), 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${bin}:${before}`;
    try {
      server.intercept = requireAuthorization(BASIC_HEADER);
      const repo = await open({ credentials: BASIC, url: `${server.url.replace('://', '://ada:hunter2-secret@')}/remote.git` });
      const { sha, head } = await newCommit(repo);
      await repo.push(sha, 'main', head);
      expect(repo.url).toBe(`${server.url}/remote.git`);
    } finally {
      process.env.PATH = before;
    }
    const recorded = readFileSync(calls, 'utf8');
    expect(recorded).toContain('push');
    const cache = join(remote.directory, 'cache');
    const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const kept = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
    expect(files.length).toBeGreaterThan(5);
    for (const secret of ['hunter2-secret', BASIC_HEADER.slice(6)]) {
      expect(recorded).not.toContain(secret);
      expect(log.join('\n')).not.toContain(secret);
      expect(kept).not.toContain(secret);
    }
  });
});

describe('a remote that cannot be used', () => {
  it.each([
    ['a web page', 200, 'text/html', '<html><body>Log in</body></html>', 'GitNotARepository'],
    ['a web page of many lines', 200, 'text/html', '<html>\n<body>\nLog in\n</body>\n</html>\n', 'GitNotARepository'],
    ['nothing there', 404, 'text/plain', 'Not found', 'GitNotARepository'],
    ['a forbidden place', 403, 'text/plain', 'no', 'GitAuthFailed'],
    ['a broken server', 500, 'text/plain', 'oops', 'GitUnreachable'],
    ['a busy server', 503, 'text/plain', 'later', 'GitUnreachable'],
  ])('is told apart: %s', async (_, status, type, body, code) => {
    server.intercept = (_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
      return 'handled';
    };
    const failure = await failureOf(open());
    expect(failure.code).toBe(code);
    expect(failure.causes.length).toBeGreaterThan(0);
    expect(failure.next).toContain(`git ls-remote ${server.url}/remote.git`);
    expect(readdirSync(join(remote.directory, 'cache'))).toEqual([]);
  });

  it('is tried again when the connection breaks', async () => {
    let left = 2;
    server.intercept = (request) => {
      if (left === 0) return undefined;
      left -= 1;
      request.socket.destroy();
      return 'handled';
    };
    expect(await (await open()).fetch()).toBe(await remote.head());
    expect(log.filter((line) => line.includes('trying again'))).toHaveLength(2);
  });

  it('is given up after four attempts, by name', async () => {
    await server.close();
    const failure = await failureOf(open());
    expect(failure.code).toBe('GitUnreachable');
    expect(failure.message).toBe(`Git at ${new URL(server.url).host} could not be reached after 4 attempts.`);
    expect(failure.seen).toMatch(/connect/i);
  });

  it('is given up when it accepts connections and then says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as { port: number };
      const failure = await failureOf(open({ url: `http://127.0.0.1:${port}/x`, quietLimitMs: 200 }));
      expect(failure.code).toBe('GitUnreachable');
      expect(failure.seen).toContain('timed out');
    } finally {
      silent.close();
    }
  });

  it('is left alone when the caller gives up', async () => {
    const controller = new AbortController();
    server.intercept = () => {
      controller.abort();
      return 'handled';
    };
    expect((await failureOf(open({ signal: controller.signal }))).code).toBe('Interrupted');
  });

  it('has no such branch, or no directory', async () => {
    const failure = await failureOf(open({ branch: 'nope' }));
    expect(failure.code).toBe('NoSuchCommit');
    expect(failure.message).toContain('"nope"');
    for (const url of [join(remote.directory, 'none.git'), `file://${remote.directory}/none.git`, remote.directory]) {
      expect((await failureOf(open({ url }))).code).toBe('GitNotARepository');
    }
    await git(remote.directory, 'init', '--quiet', '--bare', 'empty.git');
    expect((await failureOf(open({ url: join(remote.directory, 'empty.git') }))).code).toBe('NoSuchCommit');
  });

  it('may be another program: remote helpers never run', async () => {
    const failure = await failureOf(open({ url: `ext::sh -c touch% ${remote.directory}/ran` }));
    expect(failure.code).toBe('SourceUnsupported');
    expect(readdirSync(remote.directory)).not.toContain('ran');
  });
});

describe('a push whose answer never comes', () => {
  const isPush = (request: { method?: string; url?: string }) =>
    request.method === 'POST' && request.url?.endsWith('/git-receive-pack') === true;

  it('counts as pushed when it has landed', async () => {
    const repo = await open();
    const { sha, head } = await newCommit(repo);
    server.cutAnswer = isPush;
    expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'pushed' });
    expect(await remote.head()).toBe(sha);
  });

  it('is tried again when nothing has landed', async () => {
    const repo = await open();
    const { sha, head } = await newCommit(repo);
    let cuts = 1;
    server.intercept = (request) => {
      if (!isPush(request) || cuts === 0) return undefined;
      cuts -= 1;
      request.socket.destroy();
      return 'handled';
    };
    expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'pushed' });
    expect(await remote.head()).toBe(sha);
  });

  it('fails when nothing can land', async () => {
    const repo = await open();
    const { sha, head } = await newCommit(repo);
    server.intercept = (request) => {
      if (!isPush(request)) return undefined;
      request.socket.destroy();
      return 'handled';
    };
    expect((await failureOf(repo.push(sha, 'main', head))).code).toBe('GitUnreachable');
    expect(await remote.head()).toBe(head);
  });
});

describe('a push that the remote does not take', () => {
  it('is a missing permission when the forge answers 403, and an expired login when it answers 401', async () => {
    const repo = await open();
    const { sha, head } = await newCommit(repo);
    const answer = (status: number) => {
      server.intercept = (request, response) => {
        if (request.url?.includes('git-receive-pack') !== true) return undefined;
        response
          .writeHead(status, { 'www-authenticate': 'Basic realm="x"', 'content-type': 'text/plain' })
          .end('Write access to repository not granted.');
        return 'handled';
      };
    };
    answer(403);
    expect(await repo.push(sha, 'main', head)).toMatchObject({
      kind: 'refused',
      reason: 'permission',
      message: expect.stringContaining('Write access'),
    });
    answer(401);
    expect((await failureOf(repo.push(sha, 'main', head))).code).toBe('GitAuthFailed');
    expect(await remote.head()).toBe(head);
  });

  it('is a lost race when the branch moves while the remote is taking it', async () => {
    const repo = await open();
    const { sha, head } = await newCommit(repo);
    const other = await git(remote.work, 'commit-tree', `${head}^{tree}`, '-p', head, '-m', 'other');
    await git(remote.work, 'push', '--quiet', 'origin', `${other}:refs/heads/spare`);
    await remote.hook(
      'update',
      `[ "$1" = refs/heads/main ] || exit 0\nunset GIT_QUARANTINE_PATH\nexec git update-ref refs/heads/main ${other} ${head}`,
    );
    expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'moved', head: other });
  });

  it('is a protected branch in the words of GitHub, over HTTP', async () => {
    const repo = await open();
    const { sha, head } = await newCommit(repo);
    await remote.hook('pre-receive', 'echo "error: GH006: Protected branch update failed for refs/heads/main." >&2; exit 1');
    expect(await repo.push(sha, 'main', head)).toMatchObject({
      kind: 'refused',
      reason: 'protected',
      message: expect.stringContaining('GH006'),
    });
    const branch = await repo.push(sha, 'other', null);
    expect(branch.kind).toBe('refused');
  });
});
