import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
    // These need the real control plane: `npm run test:cluster`.
    exclude: [...configDefaults.exclude, 'test/cluster/suites/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // More than cores: the stories wait for conditions half of the time.
    maxWorkers: 3,
  },
});
