/** Branch protection, as a forge has it: a pre-receive hook that refuses direct pushes to the listed branches. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const LIST = 'protected-branches';

/** Reads `old new ref` lines from git; one full ref name a line in the list, compared as fixed strings. */
const HOOK = `#!/bin/sh
status=0
while read -r _old _new ref; do
  if grep -qxF -e "$ref" "$GIT_DIR/${LIST}" 2>/dev/null; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: \${ref#refs/heads/} is a protected branch: push another branch and open a pull request." >&2
    status=1
  fi
done
exit $status
`;

/** Puts the hook into a bare repository; it protects nothing until `setProtection`. */
export async function installProtectionHook(gitDir: string): Promise<void> {
  const hook = path.join(gitDir, 'hooks', 'pre-receive');
  await writeFile(hook, HOOK);
  await chmod(hook, 0o755);
}

/** Protects `branch` of a bare repository, or lifts the protection. */
export async function setProtection(gitDir: string, branch: string, on: boolean): Promise<void> {
  const file = path.join(gitDir, LIST);
  const ref = `refs/heads/${branch}`;
  const before = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '' && line !== ref);
  const after = on ? [...before, ref] : before;
  await writeFile(file, after.map((line) => `${line}\n`).join(''));
}
