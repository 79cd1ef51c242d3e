import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, ImageFiles } from './dataset';
import { decodeImage } from './decode';
import { NotFoundError } from './errors';
import type { LabelledFile } from './layout';
import { toShared } from './shared-memory';

/** Images that stay files and are decoded whenever they are read. Their shapes may differ. */
export function fileDataset(images: ImageFiles): Dataset {
  const { classes, labels, root, maxPixels } = images;
  const name = (i: number) => nameOf(images, i);
  return {
    length: labels.length,
    classes,
    shape: null,
    label: (i) => labels[i]!,
    read: async (i) => ({
      image: await decodeImage(await readImage(join(root, name(i))), join(root, name(i)), maxPixels),
      label: labels[i]!,
    }),
    describe: () => ({ kind: 'files', ...images }),
    fingerprint: () => listingHash(images),
  };
}

/** A file that was listed when the set was opened. One that is gone is no broken image: nobody wants to skip a whole disk. */
async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new NotFoundError(
      `${path}: must still be there and readable, got ${cause instanceof Error ? cause.message : cause}. Put the data back, then resume the run.`,
      { cause },
    );
  }
}

/** Puts names and labels into shared memory: a million paths cost their characters once, not once a worker. */
export function imageFiles(
  root: string,
  classes: readonly string[],
  files: readonly LabelledFile[],
  maxPixels: number,
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
    maxPixels,
  };
}

const nameOf = ({ names, starts }: ImageFiles, i: number): string =>
  // A copy, because TextDecoder refuses shared memory in browsers and Buffer would keep a view.
  Buffer.from(names.slice(starts[i]!, starts[i + 1]!)).toString();

/** Names and sizes, not content: a large set would take minutes to read. */
async function listingHash(images: ImageFiles): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(images.classes));
  for (let i = 0; i < images.labels.length; i++) {
    const name = nameOf(images, i);
    const { size } = await stat(join(images.root, name));
    hash.update(`${name}\0${size}\0${images.labels[i]}\0`);
  }
  return hash.digest('hex').slice(0, 32);
}
