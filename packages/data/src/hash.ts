import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Hash of a file: of all of its bytes, SHA-256 in hex by default. */
export async function hashFile(
  path: string,
  algorithm: 'sha256' | 'sha512' = 'sha256',
  encoding: 'hex' | 'base64' = 'hex',
): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest(encoding);
}

/** SHA-256 of a text, in hex. */
export const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');
