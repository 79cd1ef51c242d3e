import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from './file-error';
import { codeOf, nextMove } from './next-move';
import { kindOf } from './regular';

/** The content of a folder, at any depth. Paths are relative to it, with `/` as separator. */
export interface Walk {
  /** Real path of the folder. */
  readonly root: string;
  /** Regular files, including those behind links. */
  readonly files: readonly string[];
  /** Folders, including those behind links. */
  readonly folders: readonly string[];
  /** Real path of each file that is reached through a link. */
  readonly realPaths: ReadonlyMap<string, string>;
  /** Entries that were skipped, with the reason. */
  readonly skipped: readonly Skipped[];
}

/** An entry that a walk skipped. */
export interface Skipped {
  /** Path relative to the root of the walk. */
  readonly path: string;
  /** A phrase, for example `a link to nothing`. */
  readonly reason: string;
}

/** Settings of {@link walk}. */
export interface WalkOptions {
  /** Names to ignore, with everything below; they are not in `skipped`. Default: none. */
  readonly ignore?: (name: string) => boolean;
  /** Largest depth of folders. Default: 32. */
  readonly maxDepth?: number;
}

/** Largest number of paths by which a folder is listed. Links may make a split or a class the same as another; more is a web of links. */
const MOST_NAMES = 4;

/**
 * Lists a folder at any depth. Links to files and to other folders are followed. Skipped, and listed in `skipped`, are links to nothing,
 * in a circle or to a folder that contains them, names that are not UTF-8, pipes, devices, and entries that vanish meanwhile.
 *
 * @throws FileError if a folder cannot be read.
 */
export async function walk(root: string, { ignore = () => false, maxDepth = 32 }: WalkOptions = {}): Promise<Walk> {
  const files: string[] = [];
  const folders: string[] = [];
  const realPaths = new Map<string, string>();
  const skipped: Skipped[] = [];
  const listed = new Map<string, number>();
  const skip = (path: string, reason: string) => void skipped.push({ path, reason });

  /** Links to folders are listed last, so that a folder gets its own name first. */
  const waiting: Place[] = [];
  const visit = async (folder: Place): Promise<void> => {
    const times = listed.get(folder.real) ?? 0;
    if (times === MOST_NAMES) return skip(folder.path, `a folder that was listed by ${MOST_NAMES} other names`);
    listed.set(folder.real, times + 1);
    if (folder.path !== '') folders.push(folder.path);
    for (const entry of await entriesOf(root, folder, skip)) {
      if (ignore(entry.name)) continue;
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      const found = await resolved(entry, join(root, path), join(folder.real, entry.name));
      const linked = folder.linked || entry.isSymbolicLink();
      if (typeof found === 'string') skip(path, found);
      else if (found.kind === 'file') {
        files.push(path);
        if (linked) realPaths.set(path, found.real);
      } else if (folder.chain.includes(found.real)) skip(path, 'a link to a folder that contains it');
      else if (folder.chain.length > maxDepth) skip(path, `a folder deeper than ${maxDepth}`);
      else {
        const inner = { path, real: found.real, chain: [...folder.chain, found.real], linked };
        if (entry.isSymbolicLink()) waiting.push(inner);
        else await visit(inner);
      }
    }
  };

  const real = await realpath(root).catch(failed(root));
  await visit({ path: '', real, chain: [real], linked: false });
  for (let next = waiting.shift(); next; next = waiting.shift()) await visit(next);
  return { root: real, files, folders, realPaths, skipped };
}

interface Place {
  readonly path: string;
  readonly real: string;
  /** Real paths from the root down to this one, and itself. */
  readonly chain: readonly string[];
  /** Whether a link led here. */
  readonly linked: boolean;
}

/** Sorted, so that `skipped` does not depend on the disk. */
async function entriesOf(
  root: string,
  { path }: Place,
  skip: (path: string, reason: string) => void,
): Promise<Dirent[]> {
  const folder = join(root, path);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if (path === '' || codeOf(error) !== 'ENOENT') throw failed(folder)(error);
    skip(path, 'a folder that vanished');
    return [];
  });
  const damaged = entries.some(({ name }) => name.includes('\ufffd')) ? await damagedNames(folder) : new Set<string>();
  for (const name of damaged) skip(path === '' ? name : `${path}/${name}`, 'a name that is not UTF-8');
  return entries.filter(({ name }) => !damaged.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names that Node can show but not open. */
async function damagedNames(folder: string): Promise<Set<string>> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch(failed(folder));
  return new Set(names.filter((name) => !Buffer.from(name.toString()).equals(name)).map((name) => name.toString()));
}

interface Found {
  readonly kind: 'file' | 'folder';
  readonly real: string;
}

/** What an entry leads to; a phrase if it cannot be used. */
async function resolved(entry: Dirent, path: string, real: string): Promise<Found | string> {
  if (entry.isFile()) return { kind: 'file', real };
  if (entry.isDirectory()) return { kind: 'folder', real };
  const isLink = entry.isSymbolicLink();
  try {
    // Not every file system reports the kind of an entry.
    const facts = await stat(path);
    if (facts.isFile() || facts.isDirectory()) {
      return { kind: facts.isFile() ? 'file' : 'folder', real: isLink ? await realpath(path) : real };
    }
    return isLink ? `a link to ${kindOf(facts)}` : kindOf(facts);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return isLink ? 'a link to nothing' : 'it vanished';
    if (code === 'ELOOP') return 'a link in a circle';
    if (isLink) return `a link that cannot be followed (${code})`;
    throw failed(path)(error);
  }
}

const failed =
  (path: string) =>
  (error: unknown): never => {
    throw new FileError({ who: 'walk', path, must: 'be readable', got: error, next: nextMove(error) });
  };
