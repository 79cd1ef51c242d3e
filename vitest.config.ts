import { configDefaults, defineConfig } from 'vitest/config';

// Tests import the packages by their published names, so they run against `dist`, which `npm test` builds first.
export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', '{tools,bench}/**/*.test.ts'],
    // Trainings and faults of several processes take minutes: `npm run torture -- processes` runs them.
    exclude: [...configDefaults.exclude, ...(process.env.TEST_PROCESSES ? [] : ['**/*.mpi.test.ts'])],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['./tools/property-seed.ts'],
    reporters: ['default', './tools/count-reporter.ts'],
  },
});
