import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  nx: { tags: string[] };
}

const folders = readdirSync('packages').filter((name) => statSync(join('packages', name)).isDirectory());
const manifests = new Map(
  folders.map((name) => [name, JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8')) as Manifest]),
);
const tagOf = new Map([...manifests.values()].map(({ name, nx }) => [name, nx.tags[0]]));

/** What a package of each kind may build on. Leaves know nothing of each other. */
const allowed: Record<string, readonly (string | undefined)[]> = {
  leaf: [],
  model: ['leaf'],
  experiments: ['leaf', 'model'],
  dashboard: ['leaf', 'model', 'experiments'],
  app: ['leaf', 'model', 'experiments', 'dashboard'],
};

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });

const importedPackages = (folder: string): Set<string> => {
  const pattern = /(?:from|import)\s*\(?\s*['"](@resnet\/[\w-]+)/g;
  return new Set(
    sources(folder).flatMap((path) => [...readFileSync(path, 'utf8').matchAll(pattern)].map((m) => m[1]!)),
  );
};

describe.each(folders)('%s', (folder) => {
  const manifest = manifests.get(folder)!;
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) =>
    name.startsWith('@resnet/'),
  );

  it('depends only on packages below it', () => {
    // The private test package may read golden files, which are safetensors.
    const kinds = folder === 'testing' ? ['leaf'] : allowed[manifest.nx.tags[0]!]!;
    expect(declared.filter((name) => !kinds.includes(tagOf.get(name)))).toEqual([]);
  });

  it('imports only what it declares', () => {
    const imported = importedPackages(join('packages', folder, 'src'));
    expect([...imported].filter((name) => name !== manifest.name && !declared.includes(name))).toEqual([]);
  });
});

/** Names of files, classes and settings come from folders that anyone may have made: whatever prints them escapes them. */
it('what reaches the terminal goes through places that escape it', () => {
  const printing = folders
    .flatMap((folder) => sources(join('packages', folder, 'src')))
    .filter((path) => /process\.std(out|err)\b|\bconsole\.\w+\(/.test(code(path)));
  expect(printing).toEqual([
    'packages/cli/src/output.ts',
    'packages/distributed/src/world.ts',
    'packages/trainer/src/operators/progress.ts',
  ]);
});

/** A source without its comments: examples there print, too. */
const code = (path: string): string => readFileSync(path, 'utf8').replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');

/** What walks through JSON of any depth exhausts the stack: text that others may have written goes through `parseJson`. */
it('JSON is parsed without a limit only where we wrote it, or look at its top alone', () => {
  const parsing = folders
    .flatMap((folder) => sources(join('packages', folder, 'src')))
    .filter((path) => code(path).includes('JSON.parse('));
  expect(parsing.map((path) => path.replace('packages/', '').replace('/src', ''))).toEqual([
    'charts/browser/report-page.ts',
    'cli/main.ts',
    'dashboard/page/app.ts',
    'dashboard/page/source.ts',
    'data/cifar-package.ts',
    'data/hashed-json.ts',
    'data/pack-file.ts',
    'data/webdataset.ts',
    'distributed/world.ts',
    'experiments/recipe/resolve.ts',
    'files/json.ts',
    'files/process-identity.ts',
    'safetensors/json.ts',
    'trainer/run/run-folder.ts',
  ]);
});
