// Bundles the command, the parts of run.sh and TensorFlow.js into `app`, with one copy of each module.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const from = (path) => join(root, path);

/**
 * Files are found at run time by their place: the command's beside itself, optional packages under node_modules.
 * Splitting keeps one TensorFlow.js for all of them.
 */
const entries = {
  'dist/resnet': from('packages/cli/dist/main.js'),
  'dist/worker': from('packages/data/dist/worker.js'),
  'dist/dawn': from('tools/gpu/parts/dawn.js'),
  'dist/adapter': from('tools/gpu/parts/adapter.js'),
  'dist/kernels': from('tools/gpu/parts/kernels.js'),
  'dist/bench': from('tools/gpu/parts/bench.js'),
  'dist/profile': from('tools/gpu/parts/profile.js'),
  'node_modules/@resnet/augment/index': from('packages/augment/dist/index.js'),
  'node_modules/@tensorflow/tfjs-backend-webgpu/index': from(
    'node_modules/@tensorflow/tfjs-backend-webgpu/dist/index.js',
  ),
};

/** Makes the folder `app`, whose programs are `dist/*.js`. */
export async function bundle(app) {
  await build({
    entryPoints: entries,
    outdir: app,
    outbase: root,
    chunkNames: 'dist/chunk-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: ['webgpu', 'sharp', 'piscina', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
    logLevel: 'error',
    // What is CommonJS among the bundled asks for Node's modules by `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const manifest = (folder, content) => {
    mkdirSync(join(app, folder), { recursive: true });
    writeFileSync(join(app, folder, 'package.json'), JSON.stringify(content));
  };
  for (const name of ['@resnet/augment', '@tensorflow/tfjs-backend-webgpu']) {
    manifest(`node_modules/${name}`, { type: 'module', main: 'index.js' });
  }
  cpSync(from('packages/cli/package.json'), join(app, 'package.json'));
  cpSync(from('packages/experiments/package.json'), join(app, 'node_modules/@resnet/experiments/package.json'));
  cpSync(from('packages/experiments/trajectories'), join(app, 'node_modules/@resnet/experiments/trajectories'), {
    recursive: true,
  });
}
