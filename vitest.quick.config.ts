import { defineConfig } from 'vitest/config';
import { pagesFromSources } from './tools/pages-from-sources';
import { sourcesOfPackages } from './tools/sources';
import { wasmFromSources } from './tools/wasm-from-sources';
import whole from './vitest.config';

/** Left to `npm test`: they start processes or threads from `dist`. */
const needBuild = [
  'packages/cli/**',
  'packages/backend/test/browser.test.ts',
  'packages/data/test/{archive,extracted,folder-faults,image-folder,planned-workers,shards,shards-killed,workers}.test.ts',
  'packages/distributed/test/{world,run,faults.mpi,training.mpi}.test.ts',
  'packages/experiments/test/{studies,findings}.test.ts',
  'packages/models/test/{onnx,standard}.test.ts',
  'packages/files/test/{lock,sweep,write-durably}.test.ts',
  'packages/trainer/test/{killed,stop-on-signal}.test.ts',
];

/** Left out unless named: each takes several seconds. */
const slow = [
  'packages/augment/test/speed.test.ts',
  'packages/backend/test/simd/{plain-build,programs,threads}.test.ts',
  'packages/blocks/test/training.test.ts',
  'packages/data/test/{cifar-package,shapes10}.test.ts',
  'packages/experiments/test/full-pool.test.ts',
  'packages/models/test/{counts,deepen}.test.ts',
  'packages/models/test/weights/{fuzz,hostile,load-weights}.test.ts',
  'packages/safetensors/test/fuzz.test.ts',
  'packages/trainer/test/{find-learning-rate,resume}.test.ts',
];

const named = process.argv.slice(2).some((argument) => argument.startsWith('packages/'));

/** `npm run test:quick`: unit tests against the sources, so that nothing must be built before. */
export default defineConfig({
  ...whole,
  plugins: [wasmFromSources(), pagesFromSources()],
  resolve: { alias: sourcesOfPackages() },
  test: {
    ...whole.test,
    include: ['packages/*/test/**/*.test.ts'],
    exclude: named ? needBuild : [...needBuild, ...slow],
  },
});
