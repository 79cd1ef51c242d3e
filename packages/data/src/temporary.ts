import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { hashText } from './hash';

const HOST = hashText(hostname()).slice(0, 8);

/** A name beside `path` that no other process uses. It says which process on which host does. */
export const temporaryName = (path: string): string =>
  `${path}.${process.pid}-${HOST}-${Math.random().toString(36).slice(2)}.tmp`;

/** Removes what killed processes left half written in a folder. */
export async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    if (isOrphan(name) || (await isOld(path))) await rm(path, { recursive: true, force: true });
  }
}

/** Whether the process that wrote it ran on this host and is gone. */
function isOrphan(name: string): boolean {
  const [, pid, host] = /\.(\d+)-([0-9a-f]{8})-[^.]*\.tmp$/.exec(name) ?? [];
  return host === HOST && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

const DAY = 24 * 60 * 60 * 1000;

/** A day is longer than any import: for other hosts, and for process ids that were given again. */
async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > DAY;
}
