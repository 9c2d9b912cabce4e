/** Puts the cases on a Git server: all into one repository, and those that are alone into one each. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GitServer } from '../../../../src/sandbox/git/server.ts';
import type { CaseFile, RenderingCase } from './case.ts';

/** The repository that the others share, and its GitRepository. */
export const SHARED = 'cases';

export function sourceOf({ name, alone }: RenderingCase): string {
  return alone ? name : SHARED;
}

export async function publish(git: GitServer, cases: RenderingCase[]): Promise<void> {
  for (const source of new Set(cases.map(sourceOf))) {
    const folder = await mkdtemp(join(tmpdir(), 'ebb-cases-'));
    try {
      for (const one of cases.filter((each) => sourceOf(each) === source)) {
        const root = one.alone ? folder : join(folder, one.name);
        for (const [path, content] of Object.entries(one.files)) await write(join(root, path), content);
      }
      await git.addRepository(source, { from: folder });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function write(file: string, content: CaseFile): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if (typeof content === 'string' || content instanceof Uint8Array) await writeFile(file, content);
  else await symlink(content.link, file);
}
