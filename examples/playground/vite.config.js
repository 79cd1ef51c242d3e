import { defineConfig } from 'vite';

// Relative addresses: the page may lie in any folder of a static host. Workers are modules of their own.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
