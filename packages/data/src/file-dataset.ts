import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Dataset, EncodedImage, ImageFiles, LabeledImage } from './dataset';
import { decodeImage } from './decode';
import type { LabeledFile } from './layout';
import type { Manifest } from './manifest';
import { readExtracted, readListed } from './read-file';
import { toShared } from './shared-memory';

/**
 * Images that stay files and are decoded whenever they are read. Their shapes may differ.
 *
 * @param digestsOf Gives SHA-256 of each, in their order; without it the set has no fingerprint.
 */
export function fileDataset(images: ImageFiles, digestsOf?: () => Promise<readonly string[]>): Dataset {
  const { classes, labels, maxPixels } = images;
  let digests: Promise<readonly string[]> | undefined; // a look at every file: once, whoever asks
  const readEncoded = async (i: number): Promise<EncodedImage> => {
    const file = pathOf(images, i);
    return { bytes: await readBytes(images, i, file), file, maxPixels, label: labels[i]! };
  };
  return {
    length: labels.length,
    classes,
    shape: null,
    label: (i) => labels[i]!,
    read: async (i) => decoded(await readEncoded(i)),
    readEncoded,
    describe: () => ({ kind: 'files', ...images }),
    ...(digestsOf && {
      fingerprint: async (except: (file: string) => boolean = () => false) => {
        digests ??= digestsOf();
        const counted = (await digests).map((digest, i) => (except(nameOf(images, i)) ? 'any' : digest));
        return nameOfContent(images, counted);
      },
    }),
  };
}

const decoded = async ({ bytes, file, maxPixels, label }: EncodedImage): Promise<LabeledImage> => ({
  image: await decodeImage(bytes, file, maxPixels),
  label,
});

const DIGEST = 32;

const readBytes = ({ root, digests }: ImageFiles, i: number, path: string): Promise<Uint8Array> =>
  digests ? readExtracted(path, digests.subarray(DIGEST * i, DIGEST * (i + 1)), root) : readListed(path);

/** Puts names and labels into shared memory: a million paths cost their characters once, not once a worker. */
export function imageFiles(
  root: string,
  classes: readonly string[],
  files: readonly LabeledFile[],
  maxPixels: number,
  manifest: Manifest | null,
): ImageFiles {
  const encoded = files.map(({ path }) => Buffer.from(path));
  const starts: number[] = [0];
  for (const { length } of encoded) starts.push(starts.at(-1)! + length);
  return {
    root,
    classes,
    labels: toShared(
      Uint16Array,
      files.map(({ label }) => label),
    ),
    names: toShared(Uint8Array, Buffer.concat(encoded)),
    starts: toShared(Uint32Array, starts),
    digests: manifest && toShared(Uint8Array, digestsOf(manifest, files)),
    maxPixels,
  };
}

const pathOf = (images: ImageFiles, i: number): string => join(images.root, nameOf(images, i));

const digestsOf = (manifest: Manifest, files: readonly LabeledFile[]): Uint8Array =>
  Buffer.concat(files.map(({ path }) => Buffer.from(manifest.get(path)!.sha256, 'hex')));

const nameOf = ({ names, starts }: ImageFiles, i: number): string =>
  // A copy, because TextDecoder refuses shared memory in browsers and Buffer would keep a view.
  Buffer.from(names.slice(starts[i]!, starts[i + 1]!)).toString();

/** What the images are, wherever they lie and whatever they are called. */
const nameOfContent = ({ classes, labels }: ImageFiles, digests: readonly string[]): string =>
  hash('sha256', JSON.stringify([classes, [...labels], digests])).slice(0, 32);
