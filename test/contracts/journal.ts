/** What every rollback journal does, whatever it keeps its entries in. */
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import type { Journal } from '../../src/ports.ts';

const ONE = 'rb-0000000000a1';
const TWO = 'rb-0000000000b2';

function entry(step: number, message = 'm'): JournalEntry {
  return { entry: 'done', at: '2026-01-01T00:00:00.000Z', step, kind: 'commit', found: false, message, tookMs: 1 };
}

const steps = (entries: readonly JournalEntry[]) => entries.map((item) => (item.entry === 'done' ? item.step : item.entry));

/** @param open gives another view of one and the same journal with each call; `fresh` begins an empty one. */
export function journalContract(name: string, fresh: () => Promise<{ open(): Journal }>): void {
  describe(`${name} as a journal`, () => {
    it('is empty at first: no ids, and no entries of any id', async () => {
      const journal = (await fresh()).open();
      expect(await journal.list()).toEqual([]);
      expect(await journal.read(ONE)).toEqual([]);
    });

    it('gives back what was appended, in order, each rollback its own', async () => {
      const journal = (await fresh()).open();
      for (const step of [0, 1, 2]) await journal.append(ONE, entry(step));
      await journal.append(TWO, entry(7));
      expect(await journal.read(ONE)).toEqual([entry(0), entry(1), entry(2)]);
      expect(steps(await journal.read(TWO))).toEqual([7]);
    });

    it('keeps any text as it is, line breaks and odd characters too', async () => {
      const journal = (await fresh()).open();
      const text = 'first\nsecond\r\n\u2028third \u0000 "quoted" \ud83d\ude80 {"entry":"done"}';
      await journal.append(ONE, entry(0, text));
      await journal.append(ONE, entry(1));
      expect(await journal.read(ONE)).toEqual([entry(0, text), entry(1)]);
    });

    it('has an entry for every other process as soon as append has resolved', async () => {
      const { open } = await fresh();
      await open().append(ONE, entry(0));
      expect(steps(await open().read(ONE))).toEqual([0]);
    });

    it('lists the ids, the one written last first', async () => {
      const journal = (await fresh()).open();
      const newestIs = async (id: string) => {
        const deadline = Date.now() + 10_000;
        do await journal.append(id, entry(0));
        while ((await journal.list())[0] !== id && Date.now() < deadline);
        return (await journal.list())[0];
      };
      expect(await newestIs(ONE)).toBe(ONE);
      expect(await newestIs(TWO)).toBe(TWO);
      expect(await newestIs(ONE)).toBe(ONE);
      expect(await journal.list()).toEqual([ONE, TWO]);
    });

    it('loses and mixes nothing of two that write at once, however long their entries are', async () => {
      const { open } = await fresh();
      const writers = [open(), open()];
      const long = 'x'.repeat(200_000);
      const each = Array.from({ length: 20 }, (_, index) => index);
      await Promise.all(
        writers.map(async (journal, writer) => {
          for (const index of each) await journal.append(ONE, entry(writer * 100 + index, index % 5 === 0 ? long : 'short'));
        }),
      );
      const read = steps(await open().read(ONE)) as number[];
      expect(read).toHaveLength(40);
      expect(read.filter((step) => step < 100)).toEqual(each);
      expect(read.filter((step) => step >= 100)).toEqual(each.map((index) => index + 100));
    });

    it.each(['', 'rb-1', '../../etc/passwd', 'rb-0123456789ab/x', '--help', 'RB-0123456789AB', 'rb-0123456789ab\n'])(
      'does not take %j for an id',
      async (id) => {
        const journal = (await fresh()).open();
        await expect(journal.append(id, entry(0))).rejects.toMatchObject({ code: 'NoSuchRollback' });
        await expect(journal.read(id)).rejects.toMatchObject({ code: 'NoSuchRollback' });
        expect(await journal.list()).toEqual([]);
      },
    );
  });
}
