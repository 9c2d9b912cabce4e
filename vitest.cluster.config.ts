import { defineConfig } from 'vitest/config';

/** The stories that run on both, and the suites of their own, on the real control plane. */
export default defineConfig({
  test: {
    include: ['test/scenarios/**/*.test.ts', 'test/cluster/suites/**/*.test.ts'],
    env: { EBB_STAGE: 'cluster' },
    // A boot takes seconds on an idle machine; the suites also run on two busy cores.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
