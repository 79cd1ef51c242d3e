import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} PackageFacts
 * @property {string} name without the scope
 * @property {'leaf' | 'model' | 'app'} layer its Nx tag
 * @property {boolean} published
 * @property {string[]} imports names of ours that its sources import, sorted
 * @property {string[]} libraries what else it is installed with, sorted
 */

/** What the packages are and import, read from their manifests and sources. @returns {PackageFacts[]} */
export const readPackages = (folder = 'packages') =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readPackage(join(folder, entry.name)))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));

function readPackage(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const name = withoutScope(manifest.name);
  const imported = sourcesIn(join(folder, 'src')).flatMap((file) => importsOf(readFileSync(file, 'utf8')));
  const own = [...new Set(imported)].filter((other) => other !== name).sort();
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  const optional = manifest.peerDependenciesMeta ?? {};
  const libraries = Object.keys(declared).filter((key) => !key.startsWith('@resnet/') && !optional[key]?.optional);
  return { name, layer: manifest.nx.tags[0], published: !manifest.private, imports: own, libraries: libraries.sort() };
}

const withoutScope = (name) => name.replace('@resnet/', '');

const sourcesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => /\.tsx?$/.test(path))
    .sort();

/** Names of our packages that a source imports, types included; what comments say does not count. */
export const importsOf = (source) =>
  [...withoutComments(source).matchAll(/\b(?:from|import)\s*\(?\s*['"]@resnet\/([\w-]+)/g)].map((match) => match[1]);

const withoutComments = (source) => source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
