import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalContract } from '../../../test/contracts/journal.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { fileJournal } from './file-journal.ts';

const ID = 'rb-0123456789ab';

let folder: string;
let cases = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebb-journal-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

journalContract('a folder of files', async () => {
  const own = join(folder, `journals-${cases++}`);
  return { open: () => fileJournal(own) };
});

function entry(step: number): JournalEntry {
  return { entry: 'started', at: '2026-01-01T00:00:00.000Z', step, kind: 'commit' };
}

/** Root may do everything: where the tests run as root, the work is done as nobody. */
async function withoutRoot(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.('nobody');
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

const file = () => join(folder, `${ID}.jsonl`);

describe('a journal file', () => {
  it('is one JSON object a line, readable by its owner alone', async () => {
    const own = join(folder, 'deep', 'down');
    const journal = fileJournal(own);
    await journal.append(ID, entry(0));
    await journal.append(ID, entry(1));
    const lines = (await readFile(join(own, `${ID}.jsonl`), 'utf8')).split('\n');
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([entry(0), entry(1)]);
    expect(lines[2]).toBe('');
    expect((await stat(join(own, `${ID}.jsonl`))).mode & 0o777).toBe(0o600);
    expect((await stat(own)).mode & 0o777).toBe(0o700);
  });

  it('with a torn last line gives every whole one, wherever it was torn', async () => {
    const journal = fileJournal(folder);
    await journal.append(ID, entry(0));
    const { size: whole } = await stat(file());
    await journal.append(ID, { ...entry(1), at: 'é'.repeat(4) });
    const { size } = await stat(file());
    for (let length = size - 2; length > whole; length--) {
      await truncate(file(), length);
      expect(await journal.read(ID)).toEqual([entry(0)]);
    }
  });

  it('with a torn last line goes on beneath it: the next entry is a line of its own', async () => {
    const journal = fileJournal(folder);
    await journal.append(ID, entry(0));
    await appendFile(file(), '{"entry":"done","st');
    await journal.append(ID, entry(2));
    expect(await journal.read(ID)).toEqual([entry(0), entry(2)]);
  });

  it('that lacks only the last line break loses nothing', async () => {
    const journal = fileJournal(folder);
    await journal.append(ID, entry(0));
    await truncate(file(), (await stat(file())).size - 1);
    expect(await journal.read(ID)).toEqual([entry(0)]);
    await journal.append(ID, entry(1));
    expect(await journal.read(ID)).toEqual([entry(0), entry(1)]);
  });

  it('leaves out what is JSON and no entry', async () => {
    await writeFile(file(), `null\n1\n"x"\n[]\n{}\n{"entry":1}\n\n${JSON.stringify(entry(3))}\n`);
    expect(await fileJournal(folder).read(ID)).toEqual([entry(3)]);
  });

  it('is the only kind of file that is listed', async () => {
    await fileJournal(folder).append(ID, entry(0));
    await writeFile(join(folder, 'notes.txt'), '');
    await writeFile(join(folder, 'rb-short.jsonl'), '');
    await mkdir(join(folder, 'other'));
    expect(await fileJournal(folder).list()).toEqual([ID]);
  });
});

describe('a folder that cannot be used', () => {
  it('that is a file: says that it cannot write, and where to write instead', async () => {
    const notAFolder = join(folder, 'occupied');
    await writeFile(notAFolder, '');
    const journal = fileJournal(notAFolder);
    await expect(journal.append(ID, entry(0))).rejects.toMatchObject({
      name: 'Failure',
      code: 'JournalUnreadable',
      message: expect.stringContaining(notAFolder),
      next: ['set EBB_STATE_DIR to a folder that is'],
    });
    await expect(journal.list()).rejects.toMatchObject({ code: 'JournalUnreadable' });
    await expect(journal.read(ID)).rejects.toMatchObject({ code: 'JournalUnreadable', seen: expect.stringContaining('ENOTDIR') });
  });

  it('that is read-only: says so, and what was written can still be read', async () => {
    const journal = fileJournal(folder);
    await journal.append(ID, entry(0));
    await chmod(file(), 0o444);
    await chmod(folder, 0o555);
    await withoutRoot(async () => {
      await expect(journal.append(ID, entry(1))).rejects.toMatchObject({
        code: 'JournalUnreadable',
        seen: expect.stringContaining('EACCES'),
      });
      expect(await journal.read(ID)).toEqual([entry(0)]);
      expect(await journal.list()).toEqual([ID]);
    });
    await chmod(folder, 0o700);
  });

  it('that belongs to somebody else: says that it cannot be read, rather than that there is nothing', async () => {
    await fileJournal(folder).append(ID, entry(0));
    await chmod(folder, 0o000);
    await withoutRoot(async () => {
      await expect(fileJournal(folder).list()).rejects.toMatchObject({ code: 'JournalUnreadable', causes: ['it belongs to another user'] });
      await expect(fileJournal(folder).read(ID)).rejects.toMatchObject({ code: 'JournalUnreadable' });
    });
    await chmod(folder, 0o700);
  });

  it.runIf(process.platform === 'linux')('that is full: says so, and what was whole stays', async () => {
    // A device that takes no byte, in the place of the file.
    await symlink('/dev/full', file());
    await expect(fileJournal(folder).append(ID, entry(0))).rejects.toMatchObject({
      code: 'DiskFull',
      seen: expect.stringContaining('ENOSPC'),
      next: ['free some space, then run the same command again'],
    });
  });
});
