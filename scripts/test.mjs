// Runs every test and closes with one plain line that counts them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'ebb-test-'));
const results = join(folder, 'results.json');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const args = [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)];
const done = spawnSync(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, EBB_CACHE_DIR: join(folder, 'cache'), EBB_STATE_DIR: join(folder, 'state') },
});
let status = done.status ?? 1;
try {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(readFileSync(results, 'utf8'));
  if (passed + failed === 0) status ||= 1;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
} catch {
  console.error('the test runner wrote no results');
  status ||= 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
