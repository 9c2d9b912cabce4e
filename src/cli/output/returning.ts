/** What comes (back) when a held target follows Git again, on the screen. */
import type { Returning } from '../../engine/returning.ts';
import { type Paint, printable } from '../terminal.ts';
import { changeLines } from './changes.ts';
import { noteLines } from './report.ts';

const FIELDS = 6;

/** No line where nothing changes. */
export function returningLines({ commits, changes, notes }: Returning, paint: Paint): string[] {
  if (commits.length === 0 && changes?.length === 0) return noteLines(notes, paint);
  const brings = commits.map(
    (record) =>
      `  ${paint('yellow', record.commit.slice(0, 8))} ${printable(record.subject)}  ${paint('dim', printable(record.author.name))}`,
  );
  const cluster =
    changes === undefined
      ? ['  unknown: it could not be rendered']
      : changes.length === 0
        ? ['  nothing changes']
        : changeLines(changes, { paint, fields: FIELDS }).map((line) => `  ${line}`);
  return [
    ...(brings.length ? [paint('bold', 'Brings'), ...brings] : []),
    paint('bold', 'In the cluster'),
    ...cluster,
    ...noteLines(notes, paint),
  ];
}
