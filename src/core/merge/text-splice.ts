/** Text of a file from `start` to `end` (offsets) to be replaced. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** The edit cannot be done to the text as it is written. */
export class Unspliceable extends Error {}

/** The text with every replacement made. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const sorted = splices
    .map((splice, order) => ({ ...splice, order }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.order - b.order);
  let result = '';
  let at = 0;
  for (const { start, end, text: replacement } of sorted) {
    if (end <= at && end > start && replacement === '') continue;
    if (start < at) throw new Unspliceable('edits overlap');
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}
