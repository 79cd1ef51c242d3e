// Packs every published package into `tarballs/`, for installing them without a registry.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A package as it would be uploaded.
 *
 * @typedef {object} Tarball
 * @property {string} name
 * @property {string} file where the archive lies
 * @property {readonly string[]} paths the paths within, apart from the leading `package/`
 * @property {number} unpackedSize in bytes
 * @property {string} integrity hash of the archive, as lockfiles have it
 */

/** @typedef {{ name: string, filename: string, files: readonly { path: string }[], unpackedSize: number, integrity: string }} Packed */

/** The folders of the packages that go to npm, by name: `packages/augment`, … */
export const publishedFolders = readdirSync('packages')
  .map((name) => join('packages', name))
  .filter((folder) => !JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private);

/**
 * Packs every published package into `folder`, as `npm publish` would.
 *
 * @param {string} folder
 * @returns {Tarball[]}
 */
export function packAll(folder) {
  const workspaces = publishedFolders.flatMap((workspace) => ['--workspace', workspace]);
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder, ...workspaces], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  /** @type {Record<string, Packed>} */
  const packed = JSON.parse(output);
  return Object.values(packed).map(({ name, filename, files, unpackedSize, integrity }) => ({
    name,
    file: join(folder, filename),
    paths: files.map(({ path }) => path),
    unpackedSize,
    integrity,
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  rmSync('tarballs', { recursive: true, force: true });
  mkdirSync('tarballs');
  for (const { file } of packAll('tarballs')) process.stdout.write(`${file}\n`);
}
