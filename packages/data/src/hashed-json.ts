import { readText } from '@resnet/files';
import { writeWhole } from './cache';
import { hashText } from './hash';

/**
 * Writes a value so that damage is noticed: the SHA-256 of its JSON, a line end and the JSON.
 *
 * @throws CacheError where there is no room, or no right to write.
 */
export async function writeHashedJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, [hashedJson(value)]);
}

/** The bytes that {@link writeHashedJson} writes. */
export function hashedJson(value: unknown): Uint8Array {
  const json = JSON.stringify(value);
  return Buffer.from(`${hashText(json)}\n${json}`);
}

/** What was written; null where the file is missing or damaged: it is then made again. */
export async function readHashedJson<T>(path: string): Promise<T | null> {
  try {
    const [hash, json = ''] = (await readText(path)).split('\n');
    return hash === hashText(json) ? JSON.parse(json) : null;
  } catch {
    return null;
  }
}
