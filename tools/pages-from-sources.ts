import { join } from 'node:path';
import type { Plugin } from 'vite';
import { pageModule } from '../packages/charts/build/page-plugin';

const packages = join(import.meta.dirname, '../packages');

/** `page:NAME` for Vite, as `packages/charts/build/page-plugin.ts` gives it to esbuild: `src/NAME.ts` of the package that asks. */
export const pagesFromSources = (): Plugin => ({
  name: 'pages-from-sources',
  enforce: 'pre',
  resolveId(id, importer) {
    const folder = importer && /\/packages\/([^/]+)\//.exec(importer)?.[1];
    return id.startsWith('page:') && folder
      ? `\0page:${join(packages, folder, 'src', `${id.slice(5)}.ts`)}`
      : undefined;
  },
  load: (id) => (id.startsWith('\0page:') ? pageModule(id.slice(6)) : undefined),
});
