import { spawn } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { git, RemoteRepository, TEST_GIT_ENV } from '../../../test/git/remote-repository.ts';
import { openRepository } from './repository.ts';

/** One step of a history: lines changed, a file added, deleted or moved. */
type Step = { kind: 'edit'; file: number; line: number; text: string } | { kind: 'add' | 'delete' | 'move'; file: number };

const FILES = 4;
const LINES = 12;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      file: fc.nat(FILES - 1),
      line: fc.nat(LINES - 1),
      text: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'delete' as const, 'move' as const), file: fc.nat(FILES - 1) }),
  },
);

describe('a revert in memory', () => {
  it('gives the tree of `git revert` on any history, or conflicts where it conflicts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 7 }),
        fc.nat(),
        async (history, pick) => {
          const remote = await RemoteRepository.create();
          try {
            await importHistory(remote.path, history);
            await git(remote.work, 'pull', '--quiet', 'origin', 'main');
            const commits = (await git(remote.work, 'rev-list', 'HEAD')).split('\n');
            const picked = commits[pick % commits.length] ?? '';
            const repo = await openRepository({ url: remote.path, branch: 'main', cacheDir: join(remote.directory, 'cache') });
            const outcome = await repo.revert(commits[0] ?? '', [picked]);
            await repo.close();
            expect(outcome.kind === 'clean' ? outcome.tree : outcome.kind).toBe(await revertWithGit(remote.work, picked));
          } finally {
            await remote.remove();
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 300_000);
});

async function revertWithGit(work: string, sha: string): Promise<string> {
  const before = await git(work, 'rev-parse', 'HEAD^{tree}');
  try {
    await git(work, 'revert', '--no-commit', sha);
  } catch {
    return 'conflict';
  }
  const tree = await git(work, 'write-tree');
  return tree === before ? 'unchanged' : tree;
}

/** Plays the steps on files in memory and imports each state as a commit on top of `main`. */
async function importHistory(path: string, history: Step[][]): Promise<void> {
  const files = new Map<string, string[]>();
  const names = Array.from({ length: FILES }, (_, index) => `dir${index % 2}/file${index}`);
  const fresh = (index: number) => Array.from({ length: LINES }, (_, line) => `file ${index} line ${line}`);
  names.forEach((name, index) => void files.set(name, fresh(index)));
  const states = [...history.entries()].map(([number, steps]) => {
    if (number > 0) for (const one of steps) play(one);
    return [...files].map(([name, lines]) => `M 100644 inline ${name}\n${data(`${lines.join('\n')}\n`)}`).join('');
  });
  function play(one: Step): void {
    const name = names[one.file] ?? '';
    const lines = files.get(name);
    if (one.kind === 'add' && !lines) files.set(name, fresh(one.file));
    if (!lines) return;
    if (one.kind === 'edit') lines[one.line] = one.text;
    if (one.kind === 'edit') return;
    files.delete(name);
    if (one.kind === 'delete' || one.kind === 'add') return;
    names[one.file] = name.endsWith('-moved') ? name.slice(0, -6) : `${name}-moved`;
    files.set(names[one.file] ?? '', lines);
  }
  const head = await git(path, 'rev-parse', 'main');
  const stream = states.map((state, number) => {
    const from = number === 0 ? `from ${head}\n` : '';
    return `commit refs/heads/main\ncommitter A <a@x> ${1_700_000_000 + number} +0000\n${data(`c${number}`)}${from}deleteall\n${state}`;
  });
  await new Promise<void>((resolve, reject) => {
    const child = spawn('git', ['fast-import', '--quiet'], { cwd: path, env: TEST_GIT_ENV, stdio: ['pipe', 'ignore', 'inherit'] });
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`fast-import ended with ${code}`))));
    child.stdin.end(stream.join(''));
  });
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
