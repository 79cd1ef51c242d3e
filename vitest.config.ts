import { defineConfig } from 'vitest/config';

// Tests import the packages by their published names, so they run against `dist`, which `npm test` builds first.
export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', '{tools,bench}/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['./tools/property-seed.ts'],
    reporters: ['default', './tools/count-reporter.ts'],
  },
});
