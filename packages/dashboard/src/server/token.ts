import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isThere, makeFolder, readText, writePrivately } from '@resnet/files';

/** A new secret: 192 bits, as text. */
export const newToken = (): string => randomBytes(24).toString('base64url');

/**
 * The secret that a user's dashboards share, so that open pages go on when one is started again: kept in a folder of the user's, in a file
 * that only they can read.
 */
export async function keptToken(folder: string): Promise<string> {
  const file = join(folder, 'dashboard-token');
  if (isThere(file)) {
    const token = (await readText(file, { maxBytes: 1000, who: 'dashboard' })).trim();
    if (/^[\w-]{32}$/.test(token)) return token;
  }
  const token = newToken();
  await makeFolder(folder);
  await writePrivately(file, `${token}\n`);
  return token;
}
