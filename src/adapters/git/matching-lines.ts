import type { LineQuery, Sha, TreeId } from '../../core/commit.ts';
import { Failure } from '../../core/failure.ts';
import type { ObjectDatabase } from './object-database.ts';

/**
 * Lines that match, of every file with one of these names anywhere in a tree, in one command: reading thousands of files one by one
 * takes many times as long. Binary files are left out.
 */
export async function matchingLines(
  objects: ObjectDatabase,
  at: Sha | TreeId,
  { names, pattern }: LineQuery,
): Promise<Map<string, string[]>> {
  if (names.some((name) => !/^[\w.-]+$/.test(name))) throw new Failure('Bug', `${JSON.stringify(names)} are no plain file names`);
  const paths = names.map((name) => `:(glob,top)**/${name}`);
  const args = ['grep', '-z', '-I', '-E', '--full-name', '--no-color', '--threads=1', '-e', pattern, at, '--', ...paths];
  // Everywhere else paths are taken to the letter; here the `**` is ours and the names are checked.
  const { stdout } = await objects.run(args, { accept: [1], env: { GIT_LITERAL_PATHSPECS: '0' } });
  return readMatches(stdout.toString('utf8'), `${at}:`);
}

/** Reads `TREE:PATH NUL LINE LF`, line after line. */
function readMatches(text: string, prefix: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (let start = 0; start < text.length; ) {
    const nul = text.indexOf('\0', start);
    const end = text.indexOf('\n', nul);
    if (nul < 0 || end < 0) break;
    const path = text.slice(start + prefix.length, nul);
    const lines = found.get(path);
    const line = text.slice(nul + 1, end);
    if (lines) lines.push(line);
    else found.set(path, [line]);
    start = end + 1;
  }
  return found;
}
