import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Listing, Source, SourceFile } from './source';

/** Deeper than any data set, and an end to a link that leads back up. */
const MAX_DEPTH = 8;

/** What data sets are made of. Anything else in the folder, a cache included, does not change what it is. */
const DATA = /\.(png|jpe?g|webp|bin|txt)$/i;

/** A folder on disk. Links inside it are followed: it is the user's own. Hidden files and folders are not seen. */
export function folderSource(path: string): Source {
  let listing: Promise<Listing> | undefined;
  const list = () => (listing ??= walk(path));
  return {
    kind: 'folder',
    path,
    list,
    key: async () => {
      const hash = createHash('sha256');
      for (const name of (await list()).files.filter((file) => DATA.test(file)).sort()) {
        const bytes = await readFile(join(path, name));
        hash.update(`${name}\0${bytes.length}\0`).update(bytes);
      }
      return hash.digest('hex');
    },
    async *read(wanted): AsyncGenerator<SourceFile> {
      for (const name of (await list()).files.filter(wanted))
        yield { path: name, bytes: await readFile(join(path, name)) };
    },
  };
}

async function walk(root: string): Promise<Listing> {
  const files: string[] = [];
  const folders: string[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    for (const entry of await readdir(join(root, relative), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const name = relative ? `${relative}/${entry.name}` : entry.name;
      const target = entry.isSymbolicLink() ? await stat(join(root, name)) : entry;
      if (target.isDirectory() && depth < MAX_DEPTH) {
        folders.push(name);
        await visit(name, depth + 1);
      } else if (target.isFile()) files.push(name);
    }
  };
  await visit('', 0);
  return { files, folders };
}
