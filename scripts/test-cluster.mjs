// Runs the stories and the suites on a real control plane, and closes with one plain line that counts them.
import { importBundled } from './bundled.mjs';
import { runTests } from './run-tests.mjs';

/** More files than this do not fail by chance. */
const MOST_BY_CHANCE = 3;

const { ensurePrograms } = await importBundled('test/cluster/build/programs.ts');
const { folder, unavailable } = await ensurePrograms().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
if (unavailable) {
  console.log(`SKIPPED: every test on the real control plane, for ${unavailable.why}.`);
  console.log(`To run them: ${unavailable.remedy}; then npm run test:cluster.`);
  process.exit(0);
}
const run = (args) => runTests(['--config', 'vitest.cluster.config.ts', ...args], { EBB_CLUSTER_PROGRAMS: folder });
const first = run(process.argv.slice(2));
process.exit(first.failures.size === 0 || first.failures.size > MOST_BY_CHANCE ? first.status : again(first.failures));

/**
 * What failed is told once more, whole files on control planes of their own: real controllers take their time on a busy
 * machine. What passes then is named all the same, for a test that fails now and then is a bug.
 */
function again(failures) {
  console.log(`\nonce more: ${[...failures.keys()].join(', ')}`);
  const { status } = run([...failures.keys()]);
  if (status !== 0) return status;
  console.log('\nFLAKY: failed at first, passed when run once more. Each of these is a bug to be found:');
  for (const [file, names] of failures) for (const name of names.length ? names : ['(its preparation)']) console.log(`  ${file}: ${name}`);
  return 0;
}
