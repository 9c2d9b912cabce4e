import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git, RemoteRepository } from '../../../test/git/remote-repository.ts';
import { withLock } from './mirror-lock.ts';
import { openRepository, type RepositoryOptions } from './repository.ts';

const CLOCK = { now: () => new Date(), sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 1)) };

let remote: RemoteRepository;
let cacheDir: string;
let opened: { close(): Promise<void> }[];
let log: string[];

beforeEach(async () => {
  remote = await RemoteRepository.create({ 'app.yaml': 'tag: 1\n' });
  cacheDir = join(remote.directory, 'deep', 'cache');
  opened = [];
  log = [];
});
afterEach(async () => {
  for (const repo of opened) await repo.close();
  await remote.remove();
});

async function open(options: Partial<RepositoryOptions> = {}) {
  const repo = await openRepository({ url: remote.path, branch: 'main', cacheDir, log: (line) => log.push(line), ...options });
  opened.push(repo);
  return repo;
}

const mirror = () => join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith('.git')) ?? '');
const filesBelow = (directory: string, ending: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(directory, name));

describe('the mirror', () => {
  it('is made once, kept private and found again without the remote', async () => {
    const first = await open();
    const head = await first.fetch();
    await first.close();
    const moved = `${remote.path}.away`;
    rmSync(moved, { recursive: true, force: true });
    await git(remote.directory, 'clone', '--quiet', '--bare', remote.path, moved);
    rmSync(remote.path, { recursive: true });
    const again = await open();
    expect(await again.resolve('HEAD')).toBe(head);
    expect(new TextDecoder().decode(await again.files(head).read('app.yaml'))).toBe('tag: 1\n');
    expect(statSync(mirror()).mode & 0o077).toBe(0);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });

  it('serves several branches of one remote', async () => {
    await git(remote.work, 'checkout', '--quiet', '-b', 'staging');
    const staging = await remote.commit({ 'app.yaml': 'tag: 2\n' });
    const main = await open();
    const other = await open({ branch: 'staging' });
    expect(await other.fetch()).toBe(staging);
    expect(await main.fetch()).toBe(await remote.head());
    expect(await other.resolve('HEAD')).toBe(staging);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });

  it('finds a commit of another branch by its sha alone', async () => {
    await git(remote.path, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const repo = await open();
    await git(remote.work, 'checkout', '--quiet', '-b', 'side');
    const side = await remote.commit({ 'side.txt': 's' });
    expect(await repo.resolve(side)).toBe(side);
  });

  it('forgets tags that the remote has removed', async () => {
    await git(remote.work, 'tag', 'v1');
    await git(remote.work, 'push', '--quiet', 'origin', 'v1');
    const repo = await open();
    expect(await repo.resolve('v1')).toBe(await remote.head());
    await git(remote.path, 'tag', '-d', 'v1');
    await repo.fetch();
    expect(await repo.resolve('v1')).toBeUndefined();
  });

  it('gets a commit graph with changed-path filters once there is much history', async () => {
    const stream = Array.from(
      { length: 600 },
      (_, n) =>
        `commit refs/heads/main\ncommitter A <a@x> ${1_700_000_000 + n} +0000\ndata 2\nc\n${n === 0 ? `from ${'H'}\n` : ''}M 100644 inline f${n % 7}\ndata 4\n${String(n).padStart(4)}\n`,
    ).join('');
    const head = await remote.head();
    await new Promise<void>((resolve, reject) => {
      const child = spawn('git', ['fast-import', '--quiet'], { cwd: remote.path, stdio: ['pipe', 'ignore', 'inherit'] });
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`fast-import ${code}`))));
      child.stdin.end(stream.replace('from H', `from ${head}`));
    });
    const repo = await open();
    const newest = await repo.fetch();
    await repo.close();
    const [graph] = filesBelow(join(mirror(), 'objects'), '.graph');
    expect((await readFile(graph ?? '')).includes('BDAT')).toBe(true);
    const again = await open();
    expect(await again.commits({ from: newest, paths: ['f3'] })).toHaveLength(86);
    expect(await again.commits({ from: newest, paths: ['f3', 'f4'], limit: 3 })).toHaveLength(3);
  });
});

describe('a damaged mirror is made anew', () => {
  const damages: Record<string, () => void> = {
    'a killed clone left half of it': () => rmSync(join(mirror(), 'ebb-mirror.json')),
    'an empty directory is in its place': () => {
      const path = mirror();
      rmSync(path, { recursive: true });
      mkdirSync(path);
    },
    'HEAD is garbage': () => writeFileSync(join(mirror(), 'HEAD'), '\0\0garbage'),
    'the configuration is garbage': () => writeFileSync(join(mirror(), 'config'), '[core\0'),
    'all objects are gone': () => rmSync(join(mirror(), 'objects'), { recursive: true }),
    'objects are empty': () => {
      const objects = filesBelow(join(mirror(), 'objects'), '').filter((path) => /\/[0-9a-f]{2}\/[0-9a-f]{38}$/.test(path));
      expect(objects.length).toBeGreaterThan(0);
      for (const path of objects) {
        rmSync(path);
        writeFileSync(path, '');
      }
    },
  };

  it.each(Object.keys(damages))('%s', async (name) => {
    const bad = await remote.commit({ 'app.yaml': 'tag: 2\n' });
    await (await open()).close();
    damages[name]?.();
    const repo = await open();
    const head = await repo.fetch();
    expect(head).toBe(bad);
    expect((await repo.revert(head, [bad])).kind).toBe('clean');
    expect(log.length).toBeGreaterThan(0);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });

  it.each(['truncated', 'overwritten', 'gone'])('its pack is %s', async (how) => {
    const bad = await remote.commit(Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`f${n}`, `content ${n}\n`.repeat(20)])));
    await (await open()).close();
    const [pack] = filesBelow(mirror(), '.pack');
    if (pack === undefined) throw new Error('no pack');
    const size = (await stat(pack)).size;
    if (how === 'gone') rmSync(pack);
    else {
      await writeFile(`${pack}.copy`, await readFile(pack));
      rmSync(pack);
      writeFileSync(pack, await readFile(`${pack}.copy`));
      if (how === 'truncated') truncateSync(pack, Math.floor(size / 2));
      else writeFileSync(pack, Buffer.alloc(size, 7));
    }
    const repo = await open();
    const read = await repo.files(bad).read('f100');
    expect(new TextDecoder().decode(read)).toContain('content 100');
    expect(log.join('\n')).toContain('is damaged');
  });

  it('while it is in use, for every call at once', async () => {
    const repo = await open();
    const head = await repo.fetch();
    rmSync(join(mirror(), 'objects'), { recursive: true });
    await repo.close();
    const texts = await Promise.all([
      repo.files(head).read('app.yaml'),
      repo.files(head).list(''),
      repo.commit(head),
      repo.commits({ from: head }),
    ]);
    expect(texts.every((value) => value !== undefined)).toBe(true);
    expect(log.filter((line) => line.includes('is damaged'))).toHaveLength(1);
  });
});

describe('the cache directory', () => {
  it('may not be a file, or below one', async () => {
    await writeFile(join(remote.directory, 'file'), '');
    for (const path of ['file', 'file/cache']) {
      await expect(open({ cacheDir: join(remote.directory, path) })).rejects.toMatchObject({ code: 'CacheUnusable' });
    }
  });

  it('is shared by processes that start at the same time', async () => {
    const script = join(remote.directory, 'open.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'repository.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
      logLevel: 'error',
    });
    const code = `import { openRepository } from ${JSON.stringify(script)};
      const repo = await openRepository(${JSON.stringify({ url: remote.path, branch: 'main', cacheDir })});
      console.log(await repo.fetch());
      await repo.close();`;
    const outputs = await Promise.all(Array.from({ length: 4 }, () => runNode(code)));
    expect(outputs).toEqual(Array(4).fill(`${await remote.head()}\n`));
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });
});

describe('the lock', () => {
  const lockOf = () => join(remote.directory, 'lock');
  const options = () => ({ clock: CLOCK, log: (line: string) => log.push(line) });

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await CLOCK.sleep();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(lockOf(), options(), work)));
    expect(most).toBe(1);
  });

  it.each([
    ['a process that has ended', { pid: 2 ** 22 + 1, host: hostname() }],
    ['a process whose id another one has now', { pid: process.pid, host: hostname(), started: '1' }],
  ])('is taken over from %s, by one alone', async (_, holder) => {
    let inside = 0;
    let most = 0;
    await writeFile(lockOf(), JSON.stringify(holder));
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await CLOCK.sleep();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(lockOf(), options(), work)));
    expect(most).toBe(1);
    expect(log.join('\n')).toContain('Taking over');
  });

  it('is left to a living process', async () => {
    await writeFile(lockOf(), JSON.stringify({ pid: process.ppid, host: hostname() }));
    const controller = new AbortController();
    const clock = {
      now: () => new Date(),
      sleep: async () => {
        if (log.length > 0) throw new Error('gave up waiting');
        await CLOCK.sleep();
      },
    };
    await expect(withLock(lockOf(), { clock, log: options().log, signal: controller.signal }, async () => 'in')).rejects.toThrow(
      'gave up waiting',
    );
    expect(log[0]).toContain(`process ${process.ppid}`);
  });

  it('is given back after an error', async () => {
    await mkdir(remote.directory, { recursive: true });
    await expect(withLock(lockOf(), options(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(lockOf(), options(), async () => 'in')).toBe('in');
  });
});

function runNode(code: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    child.on('error', reject);
    child.on('close', (exit) => (exit === 0 ? resolve(output) : reject(new Error(`node ended with ${exit}`))));
  });
}
