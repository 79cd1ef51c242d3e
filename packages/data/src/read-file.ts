import { hash } from 'node:crypto';
import { readBytes } from '@resnet/files';
import { ChecksumError, NotFoundError } from './errors';
import { removeManifest } from './manifest';

/**
 * A file that was listed when the set was opened. One that is gone is no broken image: nobody wants to skip a whole disk.
 *
 * @param next What to do where it is gone.
 */
export async function readListed(path: string, next = 'Put the data back, then resume the run.'): Promise<Uint8Array> {
  try {
    return await readBytes(path, { links: 'follow' });
  } catch (cause) {
    throw new NotFoundError(
      `${path}: must still be there and readable, got ${cause instanceof Error ? cause.message : cause}. ${next}`,
      { cause },
    );
  }
}

/**
 * A file that was extracted into the cache. Hashing it costs little beside decoding it; if it has changed, its folder is made again when
 * the data is opened next.
 *
 * @param digest Its SHA-256 when it was extracted.
 * @param folder The folder of the cache.
 */
export async function readExtracted(path: string, digest: Uint8Array, folder: string): Promise<Uint8Array> {
  const next = `Open the archive again, or resume the run: it is then extracted again. If it cannot be, remove ${folder}.`;
  const bytes = await readListed(path, next);
  if (hash('sha256', bytes, 'buffer').equals(digest)) return bytes;
  await removeManifest(folder);
  throw new ChecksumError(`${path}: must be as it was extracted from its archive, got other bytes. ${next}`);
}
