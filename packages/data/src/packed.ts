import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LayoutError } from './errors';
import { hashText } from './hash';
import type { OpenedDataset } from './opened';
import { MAGIC, type Pack, type PackedSplit, readPack, writePack } from './pack-file';
import { packedDataset } from './packed-dataset';

/** A pack's name in the cache: a hash of the content it was made from, of every choice that changes it and of the format's version. */
export const packName = (...parts: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([MAGIC, ...parts]))
    .digest('hex')
    .slice(0, 32);

/** Opens a pack of the cache, or null where there is none. */
export async function findPack(
  cacheDir: string,
  name: string,
  kind: OpenedDataset['kind'],
): Promise<OpenedDataset | null> {
  const path = join(cacheDir, `${name}.pack`);
  const facts = await readPack(path, '');
  return facts && openPack(path, kind, facts, facts.digests);
}

/** Writes a new pack and opens it; what is in memory already is not read again. */
export async function storePack(
  cacheDir: string,
  name: string,
  kind: OpenedDataset['kind'],
  pack: Pack,
): Promise<OpenedDataset> {
  const path = join(cacheDir, `${name}.pack`);
  const digests = await writePack(path, pack);
  return openPack(path, kind, pack, digests);
}

function openPack(
  path: string,
  kind: OpenedDataset['kind'],
  pack: Pack,
  digests: ReadonlyMap<string, string>,
): OpenedDataset {
  const splits = [...digests.keys()];
  const load = async (split: string): Promise<PackedSplit> => {
    const loaded = pack.splits.get(split) ?? (await readPack(path, split))?.splits.get(split);
    if (loaded) return loaded;
    if (splits.includes(split))
      throw new LayoutError(`${path}: must hold ${split}, got a damaged pack. It was removed: open the data again.`);
    throw noSplit(kind, split, splits);
  };
  return {
    kind,
    classes: pack.classes,
    splits,
    cached: path,
    skipped: [],
    otherFiles: pack.otherFiles ?? {},
    brokenImages: pack.brokenImages ?? 0,
    read: async (split) => {
      const { classes, shape } = pack;
      return packedDataset({
        name: contentName(classes, shape, digests.get(split)),
        classes,
        shape,
        ...(await load(split)),
      });
    },
  };
}

/** Names images and labels by what they are, wherever they came from. */
const contentName = (...content: readonly unknown[]): string => hashText(JSON.stringify(content)).slice(0, 32);

/** The error for a split that is not there. */
export const noSplit = (kind: string, split: string, splits: readonly string[]): LayoutError =>
  new LayoutError(`${kind}: split must be ${splits.join(' or ')}, got ${split}. Hold out images with splitDataset().`);
