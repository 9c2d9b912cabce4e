// Runs the stories and the suites on a real control plane, and closes with one plain line that counts them.
import { importBundled } from './bundled.mjs';
import { runTests } from './run-tests.mjs';

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
process.exit(runTests(['--config', 'vitest.cluster.config.ts', ...process.argv.slice(2)], { EBB_CLUSTER_PROGRAMS: folder }));
