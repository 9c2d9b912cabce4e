import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pagerFor, showInPager } from './pager.ts';
import type { Io } from './terminal.ts';

function io(env: Io['env'], terminal: { isTTY?: boolean; rows?: number } = { isTTY: true, rows: 3 }): Io {
  return { stdout: terminal, env } as unknown as Io;
}
const LONG = 'one\ntwo\nthree\nfour\n';

describe('the pager', () => {
  it('is the user’s own, Ebb’s before everybody’s, else less', () => {
    expect(pagerFor(LONG, io({}))).toBe('less');
    expect(pagerFor(LONG, io({ PAGER: 'more' }))).toBe('more');
    expect(pagerFor(LONG, io({ PAGER: 'more', EBB_PAGER: 'less -S' }))).toBe('less -S');
  });

  it('is none without a terminal, for what fits the screen, and where it is switched off', () => {
    expect(pagerFor(LONG, io({}, {}))).toBeUndefined();
    expect(pagerFor('one\ntwo\n', io({}))).toBeUndefined();
    for (const env of [{ PAGER: 'cat' }, { PAGER: '' }, { EBB_PAGER: '', PAGER: 'more' }, { TERM: 'dumb' }])
      expect(pagerFor(LONG, io(env))).toBeUndefined();
  });

  it('gets the text on its standard input; one that is not there is said to have shown nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ebb-pager-'));
    try {
      const env = { PATH: process.env.PATH ?? '', SHOWN: join(folder, 'shown') };
      expect(await showInPager('$(echo no) `echo no`\n', 'cat > "$SHOWN"', { env })).toBe(true);
      expect(await readFile(env.SHOWN, 'utf8')).toBe('$(echo no) `echo no`\n');
      expect(await showInPager(LONG, 'true', { env })).toBe(true);
      expect(await showInPager(LONG, 'no-such-pager 2> /dev/null', { env })).toBe(false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
