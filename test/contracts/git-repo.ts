import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RevertOutcome } from '../../src/core/commit.ts';
import type { GitRepo } from '../../src/ports.ts';
import { type Files, git, RemoteRepository } from '../git/remote-repository.ts';

export interface GitRepoUnderTest {
  repo: GitRepo;
  close(): Promise<void>;
}

const AUTHOR = { name: 'Ébb Tide', email: 'ebb@example.com' };

/** What every `GitRepo` must do, on a remote that real git makes. `make` opens `remote.path`, branch `main`. */
export function describeGitRepoContract(name: string, make: (remote: RemoteRepository) => Promise<GitRepoUnderTest>): void {
  describe(`${name} as a GitRepo`, () => {
    let remote: RemoteRepository;
    let opened: GitRepoUnderTest | undefined;

    beforeEach(async () => {
      remote = await RemoteRepository.create({ 'apps/web/image.yaml': 'tag: 1\n', 'apps/api/image.yaml': 'tag: 1\n' });
    });
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
      await remote.remove();
    });

    const open = async () => {
      opened = await make(remote);
      return opened.repo;
    };
    const text = async (repo: GitRepo, at: string, path: string) => {
      const bytes = await repo.files(at).read(path);
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    };
    const commitTree = async (repo: GitRepo, tree: string, parent: string, message = 'Revert\n') =>
      repo.createCommit({ tree, parents: [parent], message, author: AUTHOR });
    const treeOf = (outcome: RevertOutcome) => {
      if (outcome.kind !== 'clean') throw new Error(`expected a clean revert, got ${outcome.kind}`);
      return outcome.tree;
    };

    describe('reading', () => {
      it('fetches what was pushed since', async () => {
        const repo = await open();
        const before = await repo.fetch();
        const after = await remote.commit({ 'apps/web/image.yaml': 'tag: 2\n' });
        expect(await repo.fetch()).toBe(after);
        expect(await text(repo, after, 'apps/web/image.yaml')).toBe('tag: 2\n');
        expect(await repo.isAncestor(before, after)).toBe(true);
        expect(await repo.isAncestor(after, before)).toBe(false);
      });

      it('follows a branch that was forced back', async () => {
        const first = await remote.head();
        await remote.commit({ 'a.txt': 'a' });
        const repo = await open();
        await repo.fetch();
        await git(remote.work, 'reset', '--quiet', '--hard', first);
        await remote.publish();
        expect(await repo.fetch()).toBe(first);
      });

      it('tells a commit with its people, times, subject and body', async () => {
        const sha = await remote.commit({ 'a.txt': 'a' }, 'Fix the ünïcode\nof two lines\n\nBody one.\n\nRefs: #1');
        const repo = await open();
        await repo.fetch();
        const commit = await repo.commit(sha);
        expect(commit).toMatchObject({
          sha,
          author: { name: 'Ada Moreno', email: 'ada@example.com' },
          subject: 'Fix the ünïcode of two lines',
          body: 'Body one.\n\nRefs: #1',
        });
        expect(commit.committedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(commit.parents).toHaveLength(1);
        expect(await repo.commits({ from: sha, limit: 1 })).toEqual([{ ...commit, changes: [{ status: 'added', path: 'a.txt' }] }]);
      });

      it('lists commits of some paths, newest first, each with everything that it changed', async () => {
        const first = await remote.head();
        const web = await remote.commit({ 'apps/web/image.yaml': 'tag: 2\n', 'notes.txt': 'n' }, 'web');
        const api = await remote.commit({ 'apps/api/image.yaml': 'tag: 2\n' }, 'api');
        await remote.commit({ 'other.txt': 'x' }, 'other');
        const repo = await open();
        const head = await repo.fetch();
        const subjects = async (query: Omit<Parameters<GitRepo['commits']>[0], 'from'>) =>
          (await repo.commits({ from: head, ...query })).map((commit) => commit.sha);
        expect(await subjects({ paths: ['apps/web'] })).toEqual([web, first]);
        expect(await subjects({ paths: ['apps/web', 'apps/api/image.yaml'] })).toEqual([api, web, first]);
        expect(await subjects({ paths: ['apps/web', 'apps/api'], exclude: [first] })).toEqual([api, web]);
        expect(await subjects({ paths: ['apps/web', 'apps/api'], limit: 1 })).toEqual([api]);
        expect(await subjects({ paths: ['apps/w'] })).toEqual([]);
        expect(await subjects({ paths: ['*'] })).toEqual([]);
        expect(await subjects({ paths: [''] })).toHaveLength(4);
        const [found] = await repo.commits({ from: head, paths: ['apps/web'], limit: 1 });
        expect(found?.changes.map((change) => change.path).sort()).toEqual(['apps/web/image.yaml', 'notes.txt']);
      });

      it('walks first parents only and shows a merge against the first of them', async () => {
        await git(remote.work, 'checkout', '--quiet', '-b', 'side');
        await remote.commit({ 'side.txt': 's' }, 'on the side');
        await git(remote.work, 'checkout', '--quiet', 'main');
        await remote.commit({ 'main.txt': 'm' }, 'on main');
        await git(remote.work, 'merge', '--quiet', '--no-ff', '-m', 'merge side', 'side');
        const head = await remote.publish();
        const repo = await open();
        await repo.fetch();
        const commits = await repo.commits({ from: head });
        expect(commits.map((commit) => commit.subject)).toEqual(['merge side', 'on main', 'first']);
        expect(commits[0]?.parents).toHaveLength(2);
        expect(commits[0]?.changes).toEqual([{ status: 'added', path: 'side.txt' }]);
        const every = await repo.commits({ from: head, parents: 'every', saying: '^on (the side|main)$' });
        expect(every.map((commit) => commit.subject).sort()).toEqual(['on main', 'on the side']);
      });

      it('names added, deleted, modified, renamed and retyped paths', async () => {
        const from = await remote.commit({ 'gone.txt': 'x', 'long.txt': 'one\ntwo\nthree\nfour\n', 'kind.txt': 'k' });
        const to = await remote.commit({
          'gone.txt': null,
          'long.txt': null,
          'moved/long.txt': 'one\ntwo\nthree\nfour\n',
          'kind.txt': { link: 'elsewhere' },
          'apps/web/image.yaml': 'tag: 2\n',
          'new.txt': 'n',
        });
        const repo = await open();
        await repo.fetch();
        const changes = await repo.changes(from, to);
        expect(changes).toHaveLength(5);
        expect(changes).toEqual(
          expect.arrayContaining([
            { status: 'deleted', path: 'gone.txt' },
            { status: 'renamed', from: 'long.txt', path: 'moved/long.txt' },
            { status: 'type-changed', path: 'kind.txt' },
            { status: 'modified', path: 'apps/web/image.yaml' },
            { status: 'added', path: 'new.txt' },
          ]),
        );
        expect((await repo.changes(null, from)).map((change) => change.status)).toEqual(Array(5).fill('added'));
        expect(await repo.changes(to, to)).toEqual([]);
      });

      it('gives the matching lines of files by name, in any folder', async () => {
        const sha = await remote.commit({
          'a/k.yaml': 'x: 1\n- ../b\n',
          'a/b/k.yaml': '- c.yaml\n',
          'k.yaml': 'no\n',
          'a/other.yaml': '- no\n',
          'a/k.yaml.bak': '- no\n',
        });
        const repo = await open();
        await repo.fetch();
        const lines = await repo.lines(sha, { names: ['k.yaml'], pattern: '^-' });
        expect(Object.fromEntries(lines)).toEqual({ 'a/k.yaml': ['- ../b'], 'a/b/k.yaml': ['- c.yaml'] });
        expect((await repo.lines(sha, { names: ['none.yaml'], pattern: '.' })).size).toBe(0);
      });

      it('reads files, directories and symlinks of any commit', async () => {
        const sha = await remote.commit({ 'dir/run.sh': { script: 'echo\n' }, 'dir/link': { link: 'run.sh' }, 'dir/sub/x y.txt': 'é' });
        const repo = await open();
        await repo.fetch();
        const files = repo.files(sha);
        expect((await files.list('dir'))?.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
          { name: 'link', type: 'symlink' },
          { name: 'run.sh', type: 'file' },
          { name: 'sub', type: 'directory' },
        ]);
        expect(await text(repo, sha, 'dir/sub/x y.txt')).toBe('é');
        expect(await files.read('dir')).toBeUndefined();
        expect(await files.read('dir/link')).toBeUndefined();
        expect(await files.read('dir/none')).toBeUndefined();
        expect(await files.read('dir/run.sh/more')).toBeUndefined();
        expect(await files.read('../README.md')).toBeUndefined();
        expect(await files.list('dir/run.sh')).toBeUndefined();
        expect((await files.list(''))?.map((entry) => entry.name)).toContain('apps');
        if (files.link) expect(await files.link('dir/link')).toBe('run.sh');
      });
    });

    describe('resolving', () => {
      it('takes shas, branches, tags, steps back and the forms of Flux', async () => {
        const first = await remote.head();
        const second = await remote.commit({ 'a.txt': 'a' });
        await git(remote.work, 'tag', '-a', '-m', 'release', 'v1.0', first);
        await git(remote.work, 'push', '--quiet', 'origin', 'v1.0', 'HEAD:refs/heads/feature/x');
        const repo = await open();
        await repo.fetch();
        const expected: Record<string, string> = {
          [second]: second,
          [second.slice(0, 10)]: second,
          [second.toUpperCase()]: second,
          main: second,
          'refs/heads/main': second,
          HEAD: second,
          'HEAD~1': first,
          'main~1': first,
          'main^': first,
          'v1.0': first,
          'refs/tags/v1.0': first,
          'feature/x~1': first,
          [`main@sha1:${first}`]: first,
          [`refs/heads/main@sha1:${first}`]: first,
          [`sha1:${first}`]: first,
        };
        for (const [revision, sha] of Object.entries(expected)) expect([revision, await repo.resolve(revision)]).toEqual([revision, sha]);
      });

      it('names nothing by what is not there, and never takes a name for an option', async () => {
        const repo = await open();
        await repo.fetch();
        const nothing = [
          'nope',
          'HEAD~99',
          '0123456789012345678901234567890123456789',
          'deadbeef',
          '--all',
          '-h',
          '--output=/tmp/x',
          '',
          ' ',
          'main:apps',
          ':/first',
          'main@{0}',
          'main..HEAD',
          '^main',
          '$(id)',
          '`id`',
          'main;id',
          'a\nb',
          'a\0b',
          'sha1:',
          'latest@sha256:0123456789012345678901234567890123456789012345678901234567890123',
        ];
        for (const revision of nothing) expect([revision, await repo.resolve(revision)]).toEqual([revision, undefined]);
      });

      it('refuses a short sha that fits several commits', async () => {
        const tree = await git(remote.work, 'rev-parse', 'HEAD^{tree}');
        const seen = new Map<string, string>();
        let parent = await remote.head();
        let prefix: string | undefined;
        for (let number = 0; prefix === undefined && number < 2_000; number += 1) {
          parent = await git(remote.work, 'commit-tree', tree, '-p', parent, '-m', `commit ${number}`);
          if (seen.has(parent.slice(0, 4))) prefix = parent.slice(0, 4);
          seen.set(parent.slice(0, 4), parent);
        }
        await git(remote.work, 'reset', '--quiet', '--hard', parent);
        await remote.publish();
        const repo = await open();
        await repo.fetch();
        await expect(repo.resolve(prefix ?? '')).rejects.toMatchObject({
          code: 'NoSuchCommit',
          message: expect.stringContaining('ambiguous'),
        });
      });

      it('fails for a commit that is not there', async () => {
        const repo = await open();
        const nowhere = '0123456789012345678901234567890123456789';
        await expect(repo.commit(nowhere)).rejects.toMatchObject({ code: 'NoSuchCommit' });
        await expect(repo.commits({ from: nowhere })).rejects.toMatchObject({ code: 'NoSuchCommit' });
        await expect(repo.isAncestor(nowhere, nowhere)).rejects.toMatchObject({ code: 'NoSuchCommit' });
        await expect(repo.commit('--help')).rejects.toMatchObject({ code: 'NoSuchCommit' });
        await expect(repo.revert(nowhere, [nowhere])).rejects.toMatchObject({ code: 'NoSuchCommit' });
      });
    });

    describe('reverting', () => {
      const base = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
      const file = (changed: Record<number, string>) => `${base.map((line, index) => changed[index] ?? line).join('\n')}\n`;

      it('reverts the newest commit to the tree before it', async () => {
        const before = await remote.head();
        const bad = await remote.commit({ 'apps/web/image.yaml': 'tag: 2\n' });
        const repo = await open();
        const head = await repo.fetch();
        const tree = treeOf(await repo.revert(head, [bad]));
        expect(await repo.changes(before, tree)).toEqual([]);
      });

      it('reverts an older commit and keeps later work, on the same file too', async () => {
        await remote.commit({ 'f.txt': file({}) });
        const bad = await remote.commit({ 'f.txt': file({ 0: 'BAD' }) });
        await remote.commit({ 'f.txt': file({ 0: 'BAD', 7: 'LATER' }), 'new.txt': 'n' });
        const repo = await open();
        const head = await repo.fetch();
        const tree = treeOf(await repo.revert(head, [bad]));
        expect(await text(repo, tree, 'f.txt')).toBe(file({ 7: 'LATER' }));
        expect(await text(repo, tree, 'new.txt')).toBe('n');
      });

      it('reverts several, newest first, into one tree', async () => {
        const before = await remote.head();
        const first = await remote.commit({ 'apps/web/image.yaml': 'tag: 2\n' });
        const second = await remote.commit({ 'apps/web/image.yaml': 'tag: 3\n' });
        const repo = await open();
        const head = await repo.fetch();
        const tree = treeOf(await repo.revert(head, [second, first]));
        expect(await repo.changes(before, tree)).toEqual([]);
      });

      it('says that a commit is already reverted', async () => {
        const bad = await remote.commit({ 'apps/web/image.yaml': 'tag: 2\n' });
        await remote.commit({ 'apps/web/image.yaml': 'tag: 1\n' }, 'by hand');
        const repo = await open();
        const head = await repo.fetch();
        expect(await repo.revert(head, [bad])).toEqual({ kind: 'unchanged' });
        expect(await repo.revert(head, [])).toEqual({ kind: 'unchanged' });
      });

      it('reverts a revert', async () => {
        const change = await remote.commit({ 'apps/web/image.yaml': 'tag: 2\n' });
        await git(remote.work, 'revert', '--no-edit', change);
        const revert = await remote.publish();
        const repo = await open();
        const head = await repo.fetch();
        expect(await repo.changes(change, treeOf(await repo.revert(head, [revert])))).toEqual([]);
      });

      it('reverts the root commit: what it added goes, what came later stays', async () => {
        const root = await remote.head();
        await remote.commit({ 'later.txt': 'l' });
        const repo = await open();
        const head = await repo.fetch();
        const tree = treeOf(await repo.revert(head, [root]));
        expect((await repo.files(tree).list(''))?.map((entry) => entry.name)).toEqual(['later.txt']);
      });

      it('follows a file that was renamed since', async () => {
        await remote.commit({ 'old.txt': file({}) });
        const bad = await remote.commit({ 'old.txt': file({ 0: 'BAD' }) });
        await remote.commit({ 'old.txt': null, 'dir/new.txt': file({ 0: 'BAD', 7: 'LATER' }) });
        const repo = await open();
        const head = await repo.fetch();
        const tree = treeOf(await repo.revert(head, [bad]));
        expect(await text(repo, tree, 'dir/new.txt')).toBe(file({ 7: 'LATER' }));
        expect(await text(repo, tree, 'old.txt')).toBeUndefined();
      });

      it('asks for the mainline of a merge, and reverts the merge with it', async () => {
        await git(remote.work, 'checkout', '--quiet', '-b', 'side');
        await remote.commit({ 'apps/web/image.yaml': 'tag: 2\n' });
        await git(remote.work, 'checkout', '--quiet', 'main');
        const before = await remote.commit({ 'main.txt': 'm' });
        await git(remote.work, 'merge', '--quiet', '--no-ff', '-m', 'merge side', 'side');
        const merge = await remote.publish();
        const repo = await open();
        const head = await repo.fetch();
        const parents = (await repo.commit(merge)).parents;
        expect(await repo.revert(head, [merge])).toEqual({ kind: 'merge', sha: merge, parents });
        expect(await repo.changes(before, treeOf(await repo.revert(head, [merge], 1)))).toEqual([]);
        await expect(repo.revert(head, [merge], 3)).rejects.toMatchObject({ code: 'UsageError' });
      });

      it('gives the three sides of what conflicts, and merges the rest', async () => {
        await remote.commit({ 'f.txt': file({}), 'clean.txt': file({}), 'kept.txt': 'k' });
        const bad = await remote.commit({ 'f.txt': file({ 3: 'BAD' }), 'clean.txt': file({ 0: 'BAD' }), 'kept.txt': null });
        await remote.commit({ 'f.txt': file({ 3: 'WORSE' }), 'clean.txt': file({ 0: 'BAD', 7: 'LATER' }) });
        const repo = await open();
        const head = await repo.fetch();
        const outcome = await repo.revert(head, [bad]);
        if (outcome.kind !== 'conflict') throw new Error(outcome.kind);
        const decoded = outcome.files.map(({ path, ...sides }) => [
          path,
          ...[sides.base, sides.ours, sides.theirs].map((side) => side && new TextDecoder().decode(side)),
        ]);
        expect(decoded).toEqual([['f.txt', file({ 3: 'BAD' }), file({ 3: 'WORSE' }), file({})]]);
        expect(outcome.sha).toBe(bad);
        expect(await text(repo, outcome.tree, 'f.txt')).toBe(file({ 3: 'WORSE' }));
        expect(await text(repo, outcome.tree, 'clean.txt')).toBe(file({ 7: 'LATER' }));
        expect(await text(repo, outcome.tree, 'kept.txt')).toBe('k');
      });

      it('gives two sides where the file was deleted since', async () => {
        await remote.commit({ 'f.txt': file({}) });
        const bad = await remote.commit({ 'f.txt': file({ 3: 'BAD' }) });
        await remote.commit({ 'f.txt': null });
        const repo = await open();
        const head = await repo.fetch();
        const outcome = await repo.revert(head, [bad]);
        if (outcome.kind !== 'conflict') throw new Error(outcome.kind);
        expect(outcome.files).toHaveLength(1);
        expect(outcome.files[0]).toMatchObject({ path: 'f.txt', ours: undefined });
        expect(await repo.changes(head, outcome.tree)).toEqual([]);
      });

      it('names where a renamed file is now, when the revert conflicts in it', async () => {
        await remote.commit({ 'old.txt': file({}) });
        const bad = await remote.commit({ 'old.txt': null, 'new.txt': file({ 3: 'BAD' }) });
        await remote.commit({ 'new.txt': file({ 3: 'WORSE' }) });
        const repo = await open();
        const head = await repo.fetch();
        const outcome = await repo.revert(head, [bad]);
        if (outcome.kind !== 'conflict') throw new Error(outcome.kind);
        expect(outcome.files).toHaveLength(1);
        expect(outcome.files[0]).toMatchObject({ path: 'old.txt', oursPath: 'new.txt' });
        expect(await text(repo, outcome.tree, 'new.txt')).toBe(file({ 3: 'WORSE' }));
        expect(await text(repo, outcome.tree, 'old.txt')).toBeUndefined();
      });

      it('leaves a file as it is where the revert would put a directory in its place', async () => {
        await remote.commit({ 'p/q.txt': file({}) });
        const bad = await remote.commit({ p: null });
        await remote.commit({ p: 'a file now\n' });
        const repo = await open();
        const head = await repo.fetch();
        const outcome = await repo.revert(head, [bad]);
        if (outcome.kind !== 'conflict') throw new Error(outcome.kind);
        expect(outcome.files.map((conflict) => conflict.path)).toEqual(['p']);
        expect(await repo.changes(head, outcome.tree)).toEqual([]);
      });
    });

    describe('writing trees', () => {
      const start: Files = { 'run.sh': { script: 'echo 1\n' }, link: { link: 'run.sh' }, 'a/b/c.txt': 'c', 'a/d.txt': 'd', plain: 'p' };
      const bytes = (value: string) => new TextEncoder().encode(value);
      const modes = async (tree: string) => (await git(remote.work, 'ls-tree', '-r', '--format=%(objectmode) %(path)', tree)).split('\n');

      it('adds, changes and deletes at any depth, and keeps the modes of files', async () => {
        const head = await remote.commit({ 'apps/web/image.yaml': null, 'apps/api/image.yaml': null, ...start });
        const repo = await open();
        await repo.fetch();
        const tree = await repo.writeTree(head, [
          { path: 'run.sh', content: bytes('echo 2\n') },
          { path: 'link', content: bytes('plain') },
          { path: 'x/y/z/ü.txt', content: bytes('new') },
          { path: 'a/b/c.txt', content: null },
          { path: 'a/none.txt', content: null },
        ]);
        const sha = await commitTree(repo, tree, head);
        await repo.push(sha, 'main', head);
        await git(remote.work, 'pull', '--quiet', 'origin', 'main');
        expect(await modes(sha)).toEqual([
          '100644 a/d.txt',
          '120000 link',
          '100644 plain',
          '100755 run.sh',
          '100644 "x/y/z/\\303\\274.txt"',
        ]);
        expect(await text(repo, sha, 'run.sh')).toBe('echo 2\n');
        expect(await repo.writeTree(head, [])).toBe(await git(remote.work, 'rev-parse', `${head}^{tree}`));
      });

      it('turns a file into a directory and back', async () => {
        const head = await remote.commit(start);
        const repo = await open();
        await repo.fetch();
        const there = await repo.writeTree(head, [{ path: 'plain/inner.txt', content: bytes('i') }]);
        expect(await text(repo, there, 'plain/inner.txt')).toBe('i');
        const moved = await repo.writeTree(head, [
          { path: 'plain', content: null },
          { path: 'plain/inner.txt', content: bytes('i') },
        ]);
        expect(moved).toBe(there);
        const back = await repo.writeTree(there, [{ path: 'plain', content: bytes('p') }]);
        expect(await repo.changes(head, back)).toEqual([]);
        const other = await repo.writeTree(there, [
          { path: 'plain/inner.txt', content: null },
          { path: 'plain', content: bytes('p') },
        ]);
        expect(other).toBe(back);
      });

      it('refuses paths that no repository may hold', async () => {
        const repo = await open();
        const head = await repo.fetch();
        for (const path of ['', '/etc/passwd', '../x', 'a/../b', 'a//b', '.git/config', 'a/.GIT/x', 'a/']) {
          await expect(repo.writeTree(head, [{ path, content: bytes('x') }])).rejects.toMatchObject({ code: 'UsageError' });
        }
      });

      it('restores exactly the named paths from another commit, modes and absences included', async () => {
        const good = await remote.commit(start);
        const head = await remote.commit({
          'run.sh': 'not executable\n',
          link: 'not a link',
          'a/b/c.txt': 'changed',
          'a/d.txt': null,
          'added.txt': 'n',
          plain: 'changed too',
        });
        const repo = await open();
        await repo.fetch();
        const tree = await repo.restoreTree(head, good, ['run.sh', 'link', 'a/b/c.txt', 'a/d.txt', 'added.txt', 'never.txt']);
        expect(await repo.changes(good, tree)).toEqual([{ status: 'modified', path: 'plain' }]);
      });

      it('restores a directory where a file is now, and a file where a directory is', async () => {
        const good = await remote.commit({ 'one/x.txt': 'x', two: 'file' });
        const head = await remote.commit({ one: 'file', two: null, 'two/y.txt': 'y' });
        const repo = await open();
        await repo.fetch();
        const tree = await repo.restoreTree(head, good, ['one/x.txt', 'one', 'two', 'two/y.txt']);
        expect(await repo.changes(good, tree)).toEqual([]);
      });
    });

    describe('committing and pushing', () => {
      const makeCommit = async (repo: GitRepo, head: string, message = 'Revert "x"\n') =>
        commitTree(repo, await repo.writeTree(head, [{ path: 'pushed.txt', content: new TextEncoder().encode(message) }]), head, message);

      it('uses the message byte for byte', async () => {
        const message = '  # Revert "übel"  \n\n\n\nbody   \n# not a comment\nEbb-Rollback: 1\n\n\n';
        const repo = await open();
        const head = await repo.fetch();
        const sha = await makeCommit(repo, head, message);
        await repo.push(sha, 'main', head);
        const raw = await git(remote.path, 'cat-file', 'commit', sha);
        expect(`${raw}\n`.slice(raw.indexOf('\n\n') + 2)).toBe(message);
        expect(raw).toContain(`author ${AUTHOR.name} <${AUTHOR.email}> `);
      });

      it('pushes a fast-forward', async () => {
        const repo = await open();
        const head = await repo.fetch();
        const sha = await makeCommit(repo, head);
        expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'pushed' });
        expect(await remote.head()).toBe(sha);
        expect(await repo.fetch()).toBe(sha);
        expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'pushed' });
      });

      it('says where the branch is when it has moved, and changes nothing', async () => {
        const repo = await open();
        const head = await repo.fetch();
        const other = await remote.commit({ 'other.txt': 'o' });
        const sha = await makeCommit(repo, head);
        expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'moved', head: other });
        expect(await remote.head()).toBe(other);
      });

      it('counts a commit as pushed that others have built upon', async () => {
        const repo = await open();
        const head = await repo.fetch();
        const sha = await makeCommit(repo, head);
        await repo.push(sha, 'main', head);
        await git(remote.work, 'pull', '--quiet', 'origin', 'main');
        await remote.commit({ 'on-top.txt': 't' });
        expect(await repo.push(sha, 'main', head)).toEqual({ kind: 'pushed' });
      });

      it('makes a new branch only where there is none', async () => {
        const repo = await open();
        const head = await repo.fetch();
        const sha = await makeCommit(repo, head);
        expect(await repo.push(sha, 'ebb/rollback-1', null)).toEqual({ kind: 'pushed' });
        expect(await remote.head('ebb/rollback-1')).toBe(sha);
        const another = await makeCommit(repo, head, 'another\n');
        expect(await repo.push(another, 'ebb/rollback-1', null)).toEqual({ kind: 'moved', head: sha });
        expect(await repo.resolve('ebb/rollback-1')).toBe(sha);
      });

      it('says that the branch is gone when it was deleted meanwhile', async () => {
        await git(remote.work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/short-lived');
        const repo = await open();
        const head = await repo.fetch();
        const sha = await makeCommit(repo, head);
        await git(remote.path, 'update-ref', '-d', 'refs/heads/short-lived');
        expect(await repo.push(sha, 'short-lived', head)).toEqual({ kind: 'moved', head: undefined });
      });

      it('refuses what is no descendant of the expected head, and names that are no branches', async () => {
        const first = await remote.head();
        await remote.commit({ 'a.txt': 'a' });
        const repo = await open();
        const head = await repo.fetch();
        await expect(repo.push(first, 'main', head)).rejects.toMatchObject({ code: 'GitFailed' });
        for (const branch of ['--force', '-d', 'a b', 'a..b', '', 'main:other']) {
          await expect(repo.push(head, branch, head)).rejects.toMatchObject({ code: 'UsageError' });
        }
        expect(await remote.head()).toBe(head);
      });

      it('passes on what a protecting hook says', async () => {
        const repo = await open();
        const head = await repo.fetch();
        const sha = await makeCommit(repo, head);
        await remote.hook(
          'pre-receive',
          'echo "GitLab: You are not allowed to push code to protected branches on this project." >&2; exit 1',
        );
        const protectedBranch = await repo.push(sha, 'main', head);
        expect(protectedBranch).toMatchObject({ kind: 'refused', reason: 'protected' });
        expect(protectedBranch).toHaveProperty('message', expect.stringContaining('not allowed to push code to protected branches'));
        await remote.hook('pre-receive', 'echo "ticket number missing" >&2; exit 1');
        const hook = await repo.push(sha, 'main', head);
        expect(hook).toMatchObject({ kind: 'refused', reason: 'hook' });
        expect(hook).toHaveProperty('message', expect.stringContaining('ticket number missing'));
        expect(await remote.head()).toBe(head);
      });
    });
  });
}
