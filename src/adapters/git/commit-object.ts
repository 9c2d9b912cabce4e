import type { Commit, Person, Sha, TreeId } from '../../core/commit.ts';

/** A commit as its object says, with the tree that `Commit` leaves out. */
export interface ParsedCommit {
  tree: TreeId;
  commit: Commit;
}

/** Reads a raw commit object (`git cat-file commit`); broken encodings and dates are tolerated, nothing is thrown. */
export function parseCommitObject(sha: Sha, raw: Buffer): ParsedCommit {
  const end = raw.indexOf('\n\n');
  const head = end < 0 ? raw : raw.subarray(0, end);
  const fields = headerFields(head);
  const decode = decoderFor(fields.find(([name]) => name === 'encoding')?.[1].toString('latin1'));
  const value = (name: string) => decode(fields.find(([key]) => key === name)?.[1] ?? Buffer.alloc(0));
  const author = parseSignature(value('author'));
  const committer = parseSignature(value('committer'));
  return {
    tree: value('tree'),
    commit: {
      sha,
      parents: fields.filter(([name]) => name === 'parent').map(([, parent]) => parent.toString('latin1')),
      author: author.person,
      authoredAt: author.at,
      committer: committer.person,
      committedAt: committer.at,
      ...splitMessage(end < 0 ? '' : decode(raw.subarray(end + 2))),
    },
  };
}

/** The first paragraph as one line, and the rest without the blank lines around it. */
export function splitMessage(message: string): { subject: string; body: string } {
  const text = message.replace(/^(?:[ \t]*\n)+/, '');
  const gap = /\n[ \t]*(?:\n|$)/.exec(text);
  const first = gap ? text.slice(0, gap.index) : text;
  const rest = gap ? text.slice(gap.index) : '';
  return { subject: first.split('\n').join(' ').trim(), body: rest.replace(/^(?:[ \t]*\n)+/, '').trimEnd() };
}

/** RFC 3339 in UTC, to the second; the epoch for what no calendar holds. */
export function timestamp(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return `${(Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString().slice(0, -5)}Z`;
}

function headerFields(head: Buffer): [string, Buffer][] {
  const fields: [string, Buffer][] = [];
  for (let at = 0; at < head.length; ) {
    const newline = head.indexOf('\n', at);
    const line = head.subarray(at, newline < 0 ? head.length : newline);
    at += line.length + 1;
    const space = line.indexOf(' ');
    // A line that begins with a space goes on with the field before it: the lines of a signature.
    if (space > 0) fields.push([line.subarray(0, space).toString('latin1'), line.subarray(space + 1)]);
  }
  return fields;
}

function parseSignature(text: string): { person: Person; at: string } {
  const open = text.indexOf('<');
  const close = text.lastIndexOf('>');
  if (open < 0 || close < open) return { person: { name: text.trim(), email: '' }, at: timestamp('0') };
  const seconds = /^\s*(-?\d+)/.exec(text.slice(close + 1))?.[1] ?? '0';
  return { person: { name: text.slice(0, open).trim(), email: text.slice(open + 1, close) }, at: timestamp(seconds) };
}

function decoderFor(encoding: string | undefined): (bytes: Buffer) => string {
  const utf8 = (bytes: Buffer) => bytes.toString('utf8');
  if (encoding === undefined) return utf8;
  try {
    const decoder = new TextDecoder(encoding);
    return (bytes) => decoder.decode(bytes);
  } catch {
    return utf8;
  }
}
