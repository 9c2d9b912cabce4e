/**
 * Shell patterns as Go's path.Match reads them, for text without `/` or where `*` may cross it:
 * `*`, `?`, `[a-z]`, `[^a-z]`, `\c`. Source of the rules: https://pkg.go.dev/path#Match
 */

/** @returns a test for the whole text, or undefined where the pattern is malformed (it then matches nothing) */
export function globToRegExp(pattern: string): RegExp | undefined {
  const characters = [...pattern];
  let source = '';
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    if (character === '*') source += '[^]*';
    else if (character === '?') source += '[^]';
    else if (character === '[') {
      const set = readSet(characters, at + 1);
      if (!set) return undefined;
      source += set.source;
      at = set.end;
    } else if (character === '\\') {
      at++;
      const escaped = characters[at];
      if (escaped === undefined) return undefined;
      source += literal(escaped);
    } else source += literal(character);
  }
  return new RegExp(`^${source}$`, 'u');
}

/** Reads a set from behind its `[`; `end` is the position of its `]`. */
function readSet(characters: string[], start: number): { source: string; end: number } | undefined {
  let at = start;
  const negated = characters[at] === '^';
  if (negated) at++;
  const ranges: string[] = [];
  let count = 0;
  while (!(characters[at] === ']' && count > 0)) {
    const low = readMember(characters, at);
    if (!low) return undefined;
    at = low.next;
    let high = low;
    if (characters[at] === '-') {
      const end = readMember(characters, at + 1);
      if (!end) return undefined;
      high = end;
      at = end.next;
    }
    // A range that runs backwards holds nothing.
    if (codePoint(low.character) <= codePoint(high.character)) ranges.push(`${inSet(low.character)}-${inSet(high.character)}`);
    count++;
  }
  return { source: `[${negated ? '^' : ''}${ranges.join('')}]`, end: at };
}

function readMember(characters: string[], at: number): { character: string; next: number } | undefined {
  const first = characters[at];
  if (first === undefined || first === '-' || first === ']') return undefined;
  if (first !== '\\') return { character: first, next: at + 1 };
  const escaped = characters[at + 1];
  return escaped === undefined ? undefined : { character: escaped, next: at + 2 };
}

function codePoint(character: string): number {
  return character.codePointAt(0) as number;
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function inSet(character: string): string {
  return `\\u{${codePoint(character).toString(16)}}`;
}
