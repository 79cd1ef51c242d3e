import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** A script with everything that it imports, minified, and the style sheets among that. */
export interface PageFiles {
  script: string;
  style: string;
}

/** Bundles a page's script for browsers. */
export async function bundlePage(entry: string): Promise<PageFiles> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    outdir: dirname(entry),
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'error',
  });
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
  return { script: textOf('.js'), style: textOf('.css') };
}

/** The module that holds a page's files as text. */
export async function pageModule(entry: string): Promise<string> {
  const { script, style } = await bundlePage(entry);
  return `export const script = ${JSON.stringify(script)};\nexport const style = ${JSON.stringify(style)};`;
}

/** Resolves `page:NAME` to `src/NAME.ts` of the package at `root`, bundled, as text: no file must be found at run time. */
export const pagePlugin = (root: string): Plugin => ({
  name: 'page',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^page:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'page' }));
    onLoad({ filter: /.*/, namespace: 'page' }, async ({ path }) => ({
      contents: await pageModule(join(root, 'src', `${path}.ts`)),
      loader: 'js',
    }));
  },
});
