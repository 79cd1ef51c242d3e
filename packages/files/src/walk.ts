import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from './file-error';
import { codeOf, nextMove } from './next-move';
import { kindOf } from './regular';

/** What lies in a folder, at any depth. Paths are relative to it, with `/` between their parts. */
export interface Walk {
  /** Where the folder really is. */
  readonly root: string;
  /** Regular files, behind links too. */
  readonly files: readonly string[];
  /** Folders, behind links too. */
  readonly folders: readonly string[];
  /** For each file that is reached through a link, where it really is. */
  readonly realPaths: ReadonlyMap<string, string>;
  /** What was left out, and why. */
  readonly skipped: readonly Skipped[];
}

/** Something that a walk left out. */
export interface Skipped {
  /** Relative to the folder walked. */
  readonly path: string;
  /** In words: `a link to nothing`. */
  readonly reason: string;
}

/** How a folder is walked. */
export interface WalkOptions {
  /** Names that are passed over, with what is below them; nothing is said. Default: none. */
  readonly ignore?: (name: string) => boolean;
  /** Folders within folders. Default 32. */
  readonly maxDepth?: number;
}

/** As often a folder is listed under different names, by links: a split and a class may be another's. What is linked more often is a web of links. */
const MOST_NAMES = 4;

/**
 * Lists a folder. Links are followed where they lead to files and to other folders. Left out, and told in `skipped`, are links that lead
 * to nothing, in a circle or to a folder that they lie in, names that are not UTF-8, pipes and devices, and what vanishes meanwhile.
 *
 * @throws FileError where a folder cannot be read.
 */
export async function walk(root: string, { ignore = () => false, maxDepth = 32 }: WalkOptions = {}): Promise<Walk> {
  const files: string[] = [];
  const folders: string[] = [];
  const realPaths = new Map<string, string>();
  const skipped: Skipped[] = [];
  const listed = new Map<string, number>();
  const skip = (path: string, reason: string) => void skipped.push({ path, reason });

  /** Links to folders wait, so that what lies here is known by its own name first. */
  const waiting: Place[] = [];
  const visit = async (folder: Place): Promise<void> => {
    const times = listed.get(folder.real) ?? 0;
    if (times === MOST_NAMES) return skip(folder.path, `a folder that has ${MOST_NAMES} other names already`);
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
      } else if (folder.chain.includes(found.real)) skip(path, 'a link to a folder that it lies in');
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

/** Sorted, so that what is left out does not depend on the disk. */
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

/** Names that Node can only show, not open. */
async function damagedNames(folder: string): Promise<Set<string>> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch(failed(folder));
  return new Set(names.filter((name) => !Buffer.from(name.toString()).equals(name)).map((name) => name.toString()));
}

interface Found {
  readonly kind: 'file' | 'folder';
  readonly real: string;
}

/** What an entry leads to; in words where it is nothing that can be used. */
async function resolved(entry: Dirent, path: string, real: string): Promise<Found | string> {
  if (entry.isFile()) return { kind: 'file', real };
  if (entry.isDirectory()) return { kind: 'folder', real };
  const isLink = entry.isSymbolicLink();
  try {
    // Not every file system says what an entry is.
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
