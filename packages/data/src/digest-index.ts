import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile, hashText } from './hash';
import { readHashedJson, writeHashedJson } from './hashed-json';

/** SHA-256 of a folder's files, of which only those are read that changed since they were hashed. */
export interface DigestIndex {
  /** In hex. */
  digest(name: string): Promise<string>;
  /** Keeps what was hashed for the next time. Where the cache cannot be written, nothing is kept. */
  store(): Promise<void>;
}

/** What tells that a file is the same: size, times of content and of attributes in milliseconds, and its number on the disk. */
type State = readonly [size: number, changed: number, touched: number, inode: number];
type Entry = readonly [name: string, state: State, digest: string];

/** Of the kept file; older ones are not read. */
const FORMAT = 1;

/** A file may change within the clock's tick in which it was hashed, and look the same: what is so young is hashed again. */
const SETTLED = 2000;

/** @param cacheDir Null keeps nothing. */
export async function digestIndex(folder: string, cacheDir: string | null): Promise<DigestIndex> {
  const path =
    cacheDir && join(cacheDir, `${hashText(`${FORMAT} ${await realpath(folder)}`).slice(0, 32)}.digests.json`);
  const entries = new Map((path ? await readHashedJson<Entry[]>(path) : null)?.map((entry) => [entry[0], entry]));
  let isNew = false;
  return {
    digest: async (name) => {
      const state = await stateOf(join(folder, name));
      const kept = entries.get(name);
      if (kept?.[1].every((value, i) => value === state[i])) return kept[2];
      const digest = await hashFile(join(folder, name));
      isNew = true;
      if (Date.now() - Math.max(state[1], state[2]) > SETTLED) entries.set(name, [name, state, digest]);
      else entries.delete(name);
      return digest;
    },
    store: async () => {
      if (path && isNew && entries.size > 0) await writeHashedJson(path, [...entries.values()]).catch(() => undefined);
    },
  };
}

async function stateOf(path: string): Promise<State> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  return [size, mtimeMs, ctimeMs, ino];
}
