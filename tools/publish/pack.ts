import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { publishedFolders } from './packages';

/** A package as it would be uploaded. */
export interface Tarball {
  readonly name: string;
  /** Where the archive lies. */
  readonly file: string;
  /** The paths within, apart from the leading `package/`. */
  readonly paths: readonly string[];
  readonly unpackedSize: number;
  /** Hash of the archive, as lockfiles have it. */
  readonly integrity: string;
}

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { path: string }[];
  readonly unpackedSize: number;
  readonly integrity: string;
}

/** Packs every published package into `folder`, as `npm publish` would. */
export function packAll(folder: string): Tarball[] {
  const workspaces = publishedFolders.flatMap((workspace) => ['--workspace', workspace]);
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder, ...workspaces], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Object.values(JSON.parse(output) as Record<string, Packed>).map(
    ({ name, filename, files, unpackedSize, integrity }) => ({
      name,
      file: join(folder, filename),
      paths: files.map(({ path }) => path),
      unpackedSize,
      integrity,
    }),
  );
}
