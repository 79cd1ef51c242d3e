import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { streamFile, type Trust } from '@resnet/files';

/**
 * Hash of a file: of all of its bytes, SHA-256 in hex by default.
 *
 * @throws FileError where it is no regular file, or cannot be read.
 */
export async function hashFile(
  path: string,
  algorithm: 'sha256' | 'sha512' = 'sha256',
  encoding: 'hex' | 'base64' = 'hex',
  trust: Trust = { links: 'follow' },
): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(await streamFile(path, { ...trust, chunk: 1 << 20 }), hash);
  return hash.digest(encoding);
}

/** SHA-256 of a text, in hex. */
export const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');
