// Runs vitest and closes with one plain line that counts the tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param args of vitest. @param env more than this process has. @returns the exit code: not 0 where a test failed or none ran. */
export function runTests(args, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ebb-test-'));
  const results = join(folder, 'results.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const done = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, EBB_CACHE_DIR: join(folder, 'cache'), EBB_STATE_DIR: join(folder, 'state'), ...env },
  });
  const status = done.status ?? 1;
  try {
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(readFileSync(results, 'utf8'));
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return passed + failed === 0 ? status || 1 : status;
  } catch {
    console.error('the test runner wrote no results');
    return status || 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
