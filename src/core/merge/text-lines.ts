/** Lines of a text, counted in offsets. */

/** Offset of the start of the line that `offset` is in. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the start of the next line. */
export function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** Offset of the line break that ends the line. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

/** Is the line before `offset` blank, or is there none? */
export function endsBlank(text: string, offset: number): boolean {
  return offset === 0 || isBlankLine(text, lineStart(text, offset - 1));
}

/** Is the line that starts at `offset` blank? */
export function isBlankLine(text: string, offset: number): boolean {
  return offset < text.length && text.slice(offset, nextLine(text, offset)).trim() === '';
}

/** Every line moved in by `column`. */
export function indented(text: string, column: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(column));
}

/** Further lines moved in by `column`. */
export function reindented(text: string, column: number): string {
  return text.replace(/\n(?=[^\n])/g, `\n${' '.repeat(column)}`);
}

/** Further lines moved out by up to `column` blanks. */
export function dedented(text: string, column: number): string {
  return text.replace(new RegExp(`\\n {0,${column}}`, 'g'), '\n');
}
