/**
 * Rollback journals as files: one JSON object a line, on disk (fsync) before the next thing happens. A torn line, from a
 * full disk or a lost machine, is left out when read.
 */
import { type FileHandle, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Journal } from '../../ports.ts';

const ID = /^rb-[0-9a-f]{12}$/;
const SUFFIX = '.jsonl';

/** @param folder made on first use, readable by its owner alone. */
export function fileJournal(folder: string): Journal {
  const fileOf = (id: string) => {
    if (!ID.test(id))
      throw new Failure('NoSuchRollback', `"${id}" is not the id of a rollback`, {
        next: ['ids look like rb-0123456789ab; ebb rollback prints them'],
      });
    return join(folder, `${id}${SUFFIX}`);
  };
  return {
    append: async (id, entry) => {
      const file = fileOf(id);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await appendLine(folder, file, JSON.stringify(entry));
      } catch (error) {
        throw writeFailure(file, error);
      }
    },
    read: async (id) => {
      const file = fileOf(id);
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw readFailure(file, error);
      });
      return text.split('\n').flatMap(parseLine);
    },
    list: async () => {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw readFailure(folder, error);
      });
      const ids = names
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
        .filter((id) => ID.test(id));
      const dated = await Promise.all(ids.map(async (id) => ({ id, at: await lastWritten(fileOf(id)) })));
      return dated.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
    },
  };
}

/**
 * One line in one write: POSIX makes it whole among several writers of a file that is open for appending. What a torn
 * write left is closed off first.
 */
async function appendLine(folder: string, file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.from(`${(await endsTorn(handle, size)) ? '\n' : ''}${line}\n`);
    let written = 0;
    while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    await handle.datasync();
    if (size === 0) await syncFolder(folder);
  } finally {
    await handle.close();
  }
}

/** Does the file end in the middle of a line? */
async function endsTorn(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] !== 0x0a;
}

/** A new file survives a lost machine only once its name is on disk too. Where folders cannot be synced (Windows), the system does it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Milliseconds; 0 for a file that went away meanwhile. */
async function lastWritten(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

function parseLine(line: string): JournalEntry[] {
  if (line.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is JournalEntry {
  return typeof value === 'object' && value !== null && 'entry' in value && typeof value.entry === 'string';
}

function readFailure(path: string, error: NodeJS.ErrnoException): Failure {
  return new Failure('JournalUnreadable', `cannot read the journal ${path}`, {
    seen: error.message,
    causes: [error.code === 'ENOTDIR' ? 'a part of that path is a file, not a folder' : 'it belongs to another user'],
    next: [`ls -l ${path}`, 'set EBB_STATE_DIR to a folder of your own'],
    cause: error,
  });
}

function writeFailure(file: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Failure('DiskFull', `no room to write the journal ${file}`, {
      seen: message,
      next: ['free some space, then run the same command again'],
      cause: error,
    });
  return new Failure('JournalUnreadable', `cannot write the journal ${file}`, {
    seen: message,
    causes: [code === 'ENOTDIR' || code === 'EEXIST' ? 'a part of that path is a file, not a folder' : 'the folder is not writable'],
    next: ['set EBB_STATE_DIR to a folder that is'],
    cause: error,
  });
}
