import { join } from 'node:path';
import type { ImageShape } from './dataset';
import { decodeImage, MAX_PIXELS } from './decode';
import { BrokenImageError } from './errors';
import { extractOnce } from './extract';
import { fileDataset, imageFiles } from './file-dataset';
import { type LabeledFile, type Layout, readLayout } from './layout';
import type { OpenedDataset, OpenOptions, Settings } from './opened';
import { packImages } from './pack-images';
import { findPack, noSplit, packName, storePack } from './packed';
import type { Source } from './source';

/** Images looked at before deciding whether a set is of one shape. */
const PROBES = 8;

/**
 * Opens class folders. Images of one shape that fit in `maxPackedBytes` are decoded once, into a pack named by their content;
 * others stay files (those of an archive in the cache) and are decoded when read.
 */
export async function openImages(source: Source, options: Settings): Promise<OpenedDataset> {
  const layout = readLayout(source.path, await source.list());
  const shape = await packableShape(source, layout, options);
  return (shape && (await openPacked(source, layout, shape, options))) ?? openFiles(source, layout, options);
}

/** The pack of these images if it was made before. */
export const findImages = async (source: Source, settings: Settings): Promise<OpenedDataset | null> =>
  findPack(settings.cacheDir, await imagesName(source, [], settings), 'images');

/** Notes beside the images do not change what they are. */
const imagesName = async (
  source: Source,
  files: readonly string[],
  { onBrokenImage = 'stop', onProgress }: Settings,
): Promise<string> =>
  packName(await source.key(files, onProgress), 'images', onBrokenImage === 'stop' ? 'whole' : 'skipped');

const filesOf = ({ splits }: Layout): string[] => [...splits.values()].flat().map(({ path }) => path);

async function openPacked(
  source: Source,
  layout: Layout,
  shape: ImageShape,
  options: Settings,
): Promise<OpenedDataset | null> {
  // Before the images are read: what has other bytes by then is refused.
  const name = await imagesName(source, filesOf(layout), options);
  const found = await findPack(options.cacheDir, name, 'images');
  if (found) return { ...found, otherFiles: layout.otherFiles };
  const { maxPixels = MAX_PIXELS, onBrokenImage = 'stop', onProgress } = options;
  const onBroken = onBrokenImage === 'skip' ? () => {} : onBrokenImage;
  const made = await packImages(source, layout, shape, {
    maxPixels,
    ...(onBroken !== 'stop' && { onBroken }),
    ...(onProgress && { onProgress }),
  });
  return made && storePack(options.cacheDir, name, 'images', made);
}

/** The shape of the first few images if they agree and a pack of them would be small enough. */
async function packableShape(
  source: Source,
  layout: Layout,
  { maxPixels = MAX_PIXELS, maxPackedBytes = 2 ** 30 }: OpenOptions,
): Promise<ImageShape | null> {
  const files = [...layout.splits.values()].flat();
  const images = new Set(files.map(({ path }) => path));
  let shape: ImageShape | null = null;
  let probed = 0;
  for await (const { path, bytes } of source.read((candidate) => images.has(candidate))) {
    const found = await shapeOf(bytes, path, maxPixels);
    if (found && shape && found.some((side, axis) => side !== shape?.[axis])) return null;
    shape ??= found;
    if (++probed === PROBES) break;
  }
  return shape && files.length * shape[0] * shape[1] * shape[2] <= maxPackedBytes ? shape : null;
}

/** Null for a broken image: it is reported when its turn comes. */
async function shapeOf(bytes: Uint8Array, path: string, maxPixels: number): Promise<ImageShape | null> {
  try {
    const { height, width, channels } = await decodeImage(bytes, path, maxPixels);
    return [height, width, channels];
  } catch (error) {
    if (error instanceof BrokenImageError) return null;
    throw error;
  }
}

async function openFiles(
  source: Source,
  layout: Layout,
  { cacheDir, maxPixels = MAX_PIXELS, onProgress }: Settings,
): Promise<OpenedDataset> {
  const cached = source.kind === 'archive' ? join(cacheDir, `${packName(await source.key([]), 'files')}.files`) : null;
  const manifest = cached ? await extractOnce(source, cached, filesOf(layout)) : null;
  const digestsOf = async (files: readonly LabeledFile[]): Promise<readonly string[]> => {
    const paths = files.map(({ path }) => path);
    return source.digests?.(paths, onProgress) ?? paths.map((path) => manifest!.get(path)!.sha256);
  };
  const splits = [...layout.splits.keys()];
  return {
    kind: 'images',
    classes: layout.classes,
    splits,
    cached,
    skipped: [],
    otherFiles: layout.otherFiles,
    brokenImages: 0,
    read: async (split) => {
      const files = layout.splits.get(split);
      if (!files) throw noSplit('images', split, splits);
      const images = imageFiles(cached ?? source.path, layout.classes, files, maxPixels, manifest);
      return fileDataset(images, () => digestsOf(files));
    },
  };
}
