// Runs vitest and closes with one plain line that counts the tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param args of vitest. @param env more than this process has.
 * @returns `status`: the exit code, not 0 where a test failed or none ran; `failures`: file → the names of its tests that failed.
 */
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
    const report = JSON.parse(readFileSync(results, 'utf8'));
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return { status: passed + failed === 0 ? status || 1 : status, failures: failuresOf(report) };
  } catch {
    console.error('the test runner wrote no results');
    return { status: status || 1, failures: new Map() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file of which nothing ran, for its preparation failed, has no names. */
function failuresOf({ testResults }) {
  const failed = testResults.filter((file) => file.status === 'failed');
  return new Map(
    failed.map((file) => [
      relative(root, file.name),
      file.assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName),
    ]),
  );
}
