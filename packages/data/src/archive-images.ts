import { hash } from 'node:crypto';
import { join } from 'node:path';
import { openFile } from '@resnet/files';
import type { ArchiveImages, Dataset, EncodedImage, LabeledImage } from './dataset';
import { decodeImage } from './decode';
import { ChecksumError, NotFoundError } from './errors';
import { BLOCK } from './tar-members';

/** Bytes a digest. */
export const DIGEST = 32;

/** Images that lie in uncompressed tars, read in place by their offsets and decoded when read. */
export function archiveDataset(images: ArchiveImages): Dataset {
  const { classes, labels, maxPixels } = images;
  const readEncoded = async (i: number): Promise<EncodedImage> => ({
    bytes: await readMember(images, i),
    file: nameOf(images, i),
    maxPixels,
    label: labels[i]!,
  });
  return {
    length: labels.length,
    classes,
    shape: null,
    label: (i) => labels[i]!,
    read: async (i): Promise<LabeledImage> => {
      const { bytes, file, label } = await readEncoded(i);
      return { image: await decodeImage(bytes, file, maxPixels), label };
    },
    readEncoded,
    shard: (i) => images.archive[i]!,
    describe: () => ({ kind: 'archives', ...images }),
    fingerprint: async () => fingerprintOf(images),
  };
}

/** Where image `i` lies: the archive and the byte. */
const nameOf = ({ archives, archive, starts }: ArchiveImages, i: number): string =>
  `${archives[archive[i]!]}, image at byte ${starts[i]! * BLOCK}`;

async function readMember(images: ArchiveImages, i: number): Promise<Uint8Array> {
  const { root, archives, archive, starts, sizes, digests } = images;
  const bytes = new Uint8Array(sizes[i]!);
  const path = join(root, archives[archive[i]!]!);
  const file = await openFile(path, { links: 'follow' }).catch((cause) => {
    throw gone(path, cause);
  });
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, starts[i]! * BLOCK);
    if (bytesRead < bytes.length) throw new Error(`its end after ${bytesRead} of ${bytes.length} bytes`);
  } catch (cause) {
    throw gone(`${root}/${nameOf(images, i)}`, cause);
  } finally {
    await file.close();
  }
  if (!digests || hash('sha256', bytes, 'buffer').equals(digests.subarray(DIGEST * i, DIGEST * (i + 1)))) return bytes;
  throw new ChecksumError(
    `${root}/${nameOf(images, i)}: must have the SHA-256 that it was written with, got other bytes. Make this shard again, or put it back.`,
  );
}

const gone = (path: string, cause: unknown): NotFoundError =>
  new NotFoundError(
    `${path}: must still be there and readable, got ${cause instanceof Error ? cause.message : cause}. Put the data back, then resume the run.`,
    { cause },
  );

/** Names the content where there are digests; else where each image lies, how long it is and what its label is. */
function fingerprintOf({ classes, archives, archive, labels, starts, sizes, digests }: ArchiveImages): string {
  const parts = digests ? [labels, digests] : [labels, archive, starts, sizes];
  const bytes = parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  const facts = JSON.stringify(digests ? classes : [classes, archives]);
  return hash('sha256', Buffer.concat([Buffer.from(facts), ...bytes])).slice(0, 32);
}
