import { LayoutError } from './errors';
import { extensionOf, FORMAT_NAMES, isImageName } from './image-formats';
import type { Listing } from './source';
import { byCodePoint } from './text-order';

/** An image file and the class it lies in. */
export interface LabeledFile {
  readonly path: string;
  readonly label: number;
}

/** Folders read as classes. */
export interface Layout {
  /** Folder names of all splits in NFC, sorted by code point, as PyTorch's ImageFolder does. */
  readonly classes: readonly string[];
  /** Files of each split, sorted by path. Without split folders all is `train`. */
  readonly splits: ReadonlyMap<string, readonly LabeledFile[]>;
  /** How many files are no images that can be read, by extension in lower case (empty for none), the most frequent first. */
  readonly otherFiles: OtherFiles;
}

/** Counts of files by extension. */
export type OtherFiles = Readonly<Record<string, number>>;

/** Names of folders that are splits, in lower case, and the splits that they are. */
const splitNames: ReadonlyMap<string, string> = new Map([
  ...['train', 'training', 'trn'].map((name) => [name, 'train'] as const),
  ...['test', 'testing', 'tst'].map((name) => [name, 'test'] as const),
  ...['val', 'valid', 'validation', 'dev', 'development', 'eval', 'evaluation'].map((name) => [name, 'val'] as const),
]);

/** Labels are kept in 16 bits. */
const MOST_CLASSES = 65_536;

/** The split that a folder of this name is, in whatever case; null for any other. */
export const splitOf = (folder: string): string | null => splitNames.get(folder.toLowerCase()) ?? null;

/**
 * Reads `class/image`, `split/class/image` or either below one wrapping folder. Hidden files are ignored, others counted.
 *
 * @param name The source, for messages.
 * @throws LayoutError where no image is found, one lies in no class folder, or a class of one split has no image in another.
 */
export function readLayout(name: string, { files, folders, realPath }: Listing): Layout {
  const parts = files.filter((path) => isImageName(path) && !hidden(path)).map((path) => path.split('/'));
  const others = files.filter((path) => !isImageName(path) && !hidden(path));
  if (parts.length === 0) {
    throw new LayoutError(
      `${name}: must hold a folder of ${FORMAT_NAMES} images a class, got no image${but(others)}. ${others.length > 0 ? 'Convert them, or c' : 'C'}heck the path.`,
    );
  }
  const depth = wrappers(parts);
  const hasSplits = parts.every((path) => path.length > depth + 1 && splitOf(path[depth]!) !== null);
  const classAt = hasSplits ? depth + 1 : depth;
  if (hasSplits) requireOneFolderASplit(name, parts, depth);
  else refuseStrays(name, parts, depth);
  const place = (path: readonly string[]) => ({
    split: hasSplits ? splitOf(path[depth]!)! : 'train',
    // The same name in two forms of Unicode, as two systems write it, is one class.
    className: path[classAt]!.normalize('NFC'),
  });
  const loose = parts.find((path) => path.length < classAt + 2);
  if (loose) {
    throw new LayoutError(
      `${name}: every image must lie in its class's folder, got ${loose.join('/')}. Move it into one.`,
    );
  }
  const emptyOnes = folders
    .map((path) => path.split('/'))
    .filter(
      (path) =>
        path.length === classAt + 1 && !hidden(path.join('/')) && (!hasSplits || splitOf(path[depth]!) !== null),
    );
  const places = [...parts, ...emptyOnes].map(place);
  const classes = [...new Set(places.map(({ className }) => className))].sort(byCodePoint);
  if (classes.length > MOST_CLASSES) {
    throw new LayoutError(
      `${name}: must have at most ${MOST_CLASSES} classes, got ${classes.length}. Is it a folder of a folder a class?`,
    );
  }
  const splits = group(parts, place, classes);
  requireAllClasses(name, classes, splits, others);
  if (realPath) requireOneClass(name, classes, splits, realPath);
  return { classes, splits, otherFiles: countByExtension(others) };
}

function countByExtension(paths: readonly string[]): OtherFiles {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(extensionOf(path), (counts.get(extensionOf(path)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || byCodePoint(a, b)));
}

/** Counts of files by extension in words, the ten most frequent: `6 .bmp, 1 without extension`. */
export function describeOtherFiles(others: OtherFiles): string {
  const all = Object.entries(others);
  const told = all
    .slice(0, 10)
    .map(([extension, count]) => `${count} ${extension ? `.${extension}` : 'without extension'}`);
  return [...told, ...(all.length > 10 ? [`${all.length - 10} other kinds`] : [])].join(', ');
}

const but = (others: readonly string[]): string =>
  others.length > 0 ? `, but ${describeOtherFiles(countByExtension(others))}` : '';

/** What systems leave in folders. */
const isHidden = (part: string): boolean => part.startsWith('.') || /^(__MACOSX|thumbs\.db|desktop\.ini)$/i.test(part);

const hidden = (path: string): boolean => path.split('/').some(isHidden);

/** How many folders wrap everything: a shared first part that is no split, with a class and an image still below it. */
function wrappers(paths: readonly (readonly string[])[]): number {
  let depth = 0;
  for (;;) {
    const first = paths[0]![depth]!;
    const wrapped = paths.every((path) => path.length > depth + 2 && path[depth] === first);
    if (!wrapped || splitOf(first) !== null) return depth;
    depth++;
  }
}

/** `val` beside `dev` would be one split of both, which nobody said. */
function requireOneFolderASplit(name: string, paths: readonly (readonly string[])[], depth: number): void {
  const folders = new Map<string, string>();
  for (const path of paths) {
    const folder = path[depth]!;
    const first = folders.get(splitOf(folder)!) ?? folder;
    folders.set(splitOf(folder)!, first);
    if (first === folder) continue;
    throw new LayoutError(
      `${name}: each split must have one folder, got ${first} and ${folder}, which are both ${splitOf(folder)}. Move them into one, or one of them out.`,
    );
  }
}

/** `train/cat/1.png` beside `extra/cat/1.png`: reading `train` as a class would be a guess, and a wrong one. */
function refuseStrays(name: string, paths: readonly (readonly string[])[], depth: number): void {
  const inSplit = paths.find((path) => path.length > depth + 2 && splitOf(path[depth]!) !== null);
  const stray = inSplit && paths.find((path) => splitOf(path[depth]!) === null);
  if (stray) {
    throw new LayoutError(
      `${name}: beside ${inSplit[depth]} there must be other splits only (train, test, val), got ${stray.join('/')}. Move it out.`,
    );
  }
}

function group(
  paths: readonly (readonly string[])[],
  place: (path: readonly string[]) => { split: string; className: string },
  classes: readonly string[],
): Map<string, LabeledFile[]> {
  const labels = new Map(classes.map((name, label) => [name, label]));
  const splits = new Map<string, LabeledFile[]>();
  for (const path of paths) {
    const { split, className } = place(path);
    const members = splits.get(split) ?? [];
    members.push({ path: path.join('/'), label: labels.get(className)! });
    splits.set(split, members);
  }
  for (const members of splits.values()) members.sort((a, b) => a.label - b.label || byCodePoint(a.path, b.path));
  return splits;
}

function requireAllClasses(
  name: string,
  classes: readonly string[],
  splits: Layout['splits'],
  others: readonly string[],
): void {
  for (const [split, files] of splits) {
    const seen = new Set(files.map(({ label }) => label));
    const missing = classes.find((_, label) => !seen.has(label));
    if (missing !== undefined) {
      const inside = others.filter((path) => path.split('/').some((part) => part.normalize('NFC') === missing));
      throw new LayoutError(
        `${name}: every class must have images in ${split}, got none in ${missing}${but(inside)}. Add some${inside.length > 0 ? ` (${FORMAT_NAMES})` : ''} or remove the folder.`,
      );
    }
  }
}

/** A link may give an image another name, but not another class. */
function requireOneClass(
  name: string,
  classes: readonly string[],
  splits: Layout['splits'],
  realPath: (path: string) => string,
): void {
  const seen = new Map<string, LabeledFile>();
  for (const file of [...splits.values()].flat()) {
    const before = seen.get(realPath(file.path)) ?? file;
    seen.set(realPath(file.path), before);
    if (before.label === file.label) continue;
    throw new LayoutError(
      `${name}: an image must lie in one class, got ${before.path} in ${classes[before.label]} and, by a link, ${file.path} in ${classes[file.label]}. Remove the link.`,
    );
  }
}
