import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = join(import.meta.dirname, '../packages');

/** What `exports` of a package.json says of one entry. */
type Entry = string | { readonly import?: { readonly default?: string } };

/**
 * Where each entry of our packages lies in the sources: `@resnet/trainer/node` → `packages/trainer/src/node.ts`.
 *
 * Derived from the manifests: `./dist/NAME.js` is built from `src/NAME.ts` or `src/NAME/index.ts`.
 */
export function sourcesOfPackages(): { find: RegExp; replacement: string }[] {
  return readdirSync(packages).flatMap((folder) => {
    const { name, exports = {} } = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')) as {
      name: string;
      exports?: Record<string, Entry>;
    };
    return Object.entries(exports).flatMap(([entry, target]) => {
      const file = typeof target === 'string' ? undefined : target.import?.default;
      const source = file && /^\.\/dist\/(.+)\.js$/.exec(file)?.[1];
      return source
        ? [
            {
              find: new RegExp(`^${name}${entry.slice(1)}$`),
              replacement: sourceFile(join(packages, folder, 'src', source)),
            },
          ]
        : [];
    });
  });
}

const sourceFile = (path: string): string => (existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts'));
