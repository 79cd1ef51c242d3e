import { defineConfig, type Options } from 'tsup';

/**
 * How every package is built: ESM, CommonJS and declarations from `src/index.ts`.
 * What is published stays readable, so it needs no source maps; whoever bundles it minifies.
 */
export const library = (options: Options = {}) =>
  defineConfig({
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    dts: true,
    clean: true,
    treeshake: true,
    shims: true,
    skipNodeModulesBundle: true, // what is imported is declared; nothing of others is copied
    target: 'node20',
    ...options,
  });
