import { basename, dirname, extname, resolve } from 'node:path';
import { openFile, readText } from '@resnet/files';
import { archiveDataset } from './archive-images';
import type { Dataset } from './dataset';
import { MAX_PIXELS } from './decode';
import { ArchiveError, LabelError } from './errors';
import { isImageName } from './image-formats';
import { toShared } from './shared-memory';
import { BLOCK, type TarMember, tarMembers } from './tar-members';

/** ImageNet as it is published: https://image-net.org/challenges/LSVRC/2012. */
export interface ImagenetArchives {
  /** A tar of a tar a class, named by its synset: `ILSVRC2012_img_train.tar`. */
  readonly train: string;
  /** A tar of images: `ILSVRC2012_img_val.tar`. */
  readonly validation: string;
  /** The synset of each validation image, a line each in the order of their names; or lines of a name and its synset. */
  readonly validationLabels: string;
}

/** The two splits of ImageNet, read in place. */
export interface ImagenetDatasets {
  /** The training images. */
  readonly train: Dataset;
  /** The validation images. */
  readonly val: Dataset;
}

/**
 * Opens ImageNet's archives in place: nothing is unpacked. Classes are the synsets, sorted, as torchvision's `ImageFolder` has them.
 *
 * @throws ArchiveError for damaged archives; LabelError for validation images without a synset of the training images.
 */
export async function openImagenetArchives({
  train,
  validation,
  validationLabels,
}: ImagenetArchives): Promise<ImagenetDatasets> {
  const folders = await withFile(train, (file, size) =>
    [...tarMembers(file, train, 0, size)]
      .filter(({ name }) => extname(name) === '.tar')
      .map(({ name, start, size: length }) => ({
        synset: basename(name, '.tar'),
        images: imagesIn(file, `${train}/${name}`, start, start + length),
      }))
      .sort((a, b) => (a.synset < b.synset ? -1 : 1)),
  );
  const classes = folders.map(({ synset }) => synset);
  const trainImages = folders.flatMap(({ images }, label) => images.map((image) => ({ ...image, label })));
  if (trainImages.length === 0)
    throw new ArchiveError(`${train}: must be a tar of a tar a class, got no images. Pass ILSVRC2012_img_train.tar.`);
  const labelOf = labelsBy(validationLabels, await readText(validationLabels, { links: 'follow' }), classes);
  const valImages = (await withFile(validation, (file, size) => imagesIn(file, validation, 0, size))).map(
    (image, i) => ({ ...image, label: labelOf(image.name, i) }),
  );
  return { train: datasetOf(train, classes, trainImages), val: datasetOf(validation, classes, valImages) };
}

async function withFile<T>(path: string, use: (file: number, size: number) => T): Promise<T> {
  const file = await openFile(path, { links: 'follow' });
  try {
    return use(file.fd, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

/** Images of a tar, sorted by name. */
const imagesIn = (file: number, archive: string, start: number, end: number): TarMember[] =>
  [...tarMembers(file, archive, start, end)]
    .filter(({ name }) => isImageName(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

function labelsBy(path: string, text: string, classes: readonly string[]): (name: string, i: number) => number {
  const lines = text
    .split('\n')
    .map((line) => line.trim().split(/[\s,]+/))
    .filter(([first]) => first);
  const named = new Map(lines.filter((line) => line.length > 1).map(([name, synset]) => [nameOnly(name!), synset]));
  const labels = new Map(classes.map((synset, label) => [synset, label]));
  return (name, i) => {
    const synset = named.get(nameOnly(name)) ?? (lines[i]?.length === 1 ? lines[i][0] : undefined);
    const label = labels.get(synset ?? '');
    if (label !== undefined) return label;
    throw new LabelError(
      `${path}: must name a synset of the training images for ${name}, got ${synset ?? 'none'}. Give a synset a line, in the order of the images' names.`,
    );
  };
}

const nameOnly = (path: string): string => basename(path, extname(path));

function datasetOf(
  path: string,
  classes: readonly string[],
  images: readonly (TarMember & { readonly label: number })[],
): Dataset {
  return archiveDataset({
    root: dirname(resolve(path)),
    archives: [basename(path)],
    classes,
    archive: toShared(Uint16Array, new Uint16Array(images.length)),
    labels: toShared(
      Uint16Array,
      images.map(({ label }) => label),
    ),
    starts: toShared(
      Uint32Array,
      images.map(({ start }) => start / BLOCK),
    ),
    sizes: toShared(
      Uint32Array,
      images.map(({ size }) => size),
    ),
    digests: null,
    maxPixels: MAX_PIXELS,
  });
}
