import { hash } from 'node:crypto';
import { join } from 'node:path';
import { readBytes, type Walk, walk } from '@resnet/files';
import { type DigestIndex, digestIndex } from './digest-index';
import { ChangedError } from './errors';
import { inOrder } from './in-order';
import type { Source, SourceFile } from './source';

/** Files being hashed while one is added up. */
const AHEAD = 8;

const isHidden = (name: string): boolean => name.startsWith('.');

/**
 * A folder on disk. Links inside it are followed: it is the user's own. Hidden files and folders are not seen. Each file must have the
 * same bytes whenever it is read.
 *
 * @param cacheDir Where digests are kept, so that only what changed is hashed when the folder is opened again; nowhere by default.
 */
export function folderSource(path: string, cacheDir: string | null = null): Source {
  let walked: Promise<Walk> | undefined;
  const look = () => (walked ??= walk(path, { ignore: isHidden }));
  const digests = new Map<string, string>();
  const checked = (name: string, digest: string): string => {
    if ((digests.get(name) ?? digest) !== digest) throw new ChangedError(join(path, name));
    digests.set(name, digest);
    return digest;
  };
  const indexed = async (index: DigestIndex, name: string) => checked(name, await index.digest(name));
  const digestsOf: NonNullable<Source['digests']> = async (names, onProgress) => {
    const index = await digestIndex(path, cacheDir);
    const found: string[] = [];
    for await (const digest of inOrder((i) => indexed(index, names[i]!), 0, names.length, AHEAD)) {
      found.push(digest);
      onProgress?.({ step: 'hash', done: found.length, total: names.length });
    }
    await index.store();
    return found;
  };
  return {
    kind: 'folder',
    path,
    list: async () => {
      const { root, files, folders, skipped, realPaths } = await look();
      const realPath = (name: string) => realPaths.get(name) ?? join(root, name);
      return { files, folders, skipped, realPath: realPaths.size > 0 ? realPath : null };
    },
    key: async (files, onProgress) => {
      const names = files.toSorted();
      const found = await digestsOf(names, onProgress);
      return hash('sha256', JSON.stringify(names.map((name, i) => [name, found[i]])));
    },
    digests: digestsOf,
    async *read(wanted): AsyncGenerator<SourceFile> {
      for (const name of (await look()).files.filter(wanted)) {
        const bytes = await readBytes(join(path, name), { links: 'follow' });
        checked(name, hash('sha256', bytes));
        yield { path: name, bytes };
      }
    },
  };
}
