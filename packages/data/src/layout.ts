import { LayoutError } from './errors';
import type { Listing } from './source';

/** An image file and the class it lies in. */
export interface LabeledFile {
  readonly path: string;
  readonly label: number;
}

/** Folders read as classes. */
export interface Layout {
  /** Folder names of all splits, sorted by code unit, as PyTorch's ImageFolder does. */
  readonly classes: readonly string[];
  /** Files of each split, sorted by path. Without split folders all is `train`. */
  readonly splits: ReadonlyMap<string, readonly LabeledFile[]>;
}

/** Names of folders that are splits, and the splits that they are. */
export const SPLITS: ReadonlyMap<string, string> = new Map([
  ['train', 'train'],
  ['test', 'test'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
]);

/** Labels are kept in 16 bits. */
const MOST_CLASSES = 65_536;

const IMAGE = /\.(png|jpe?g|webp)$/i;

/**
 * Reads `class/image`, `split/class/image` or either below one wrapping folder. Other files and hidden ones are ignored.
 *
 * @param name The source, for messages.
 * @throws LayoutError where no image is found, one lies in no class folder, or a class of one split has no image in another.
 */
export function readLayout(name: string, { files, folders, realPath }: Listing): Layout {
  const parts = files.filter((path) => IMAGE.test(path) && !hidden(path)).map((path) => path.split('/'));
  if (parts.length === 0) {
    throw new LayoutError(
      `${name}: must hold a folder of PNG, JPEG or WebP images a class, got no image. Check the path.`,
    );
  }
  const depth = wrappers(parts);
  const hasSplits = parts.every((path) => path.length > depth + 1 && SPLITS.has(path[depth]!));
  const classAt = hasSplits ? depth + 1 : depth;
  if (!hasSplits) refuseStrays(name, parts, depth);
  const place = (path: readonly string[]) => ({
    split: hasSplits ? SPLITS.get(path[depth]!)! : 'train',
    className: path[classAt]!,
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
      (path) => path.length === classAt + 1 && !hidden(path.join('/')) && (!hasSplits || SPLITS.has(path[depth]!)),
    );
  const places = [...parts, ...emptyOnes].map(place);
  const classes = [...new Set(places.map(({ className }) => className))].sort();
  if (classes.length > MOST_CLASSES) {
    throw new LayoutError(
      `${name}: must have at most ${MOST_CLASSES} classes, got ${classes.length}. Is it a folder of a folder a class?`,
    );
  }
  const splits = group(parts, place, classes);
  requireAllClasses(name, classes, splits);
  if (realPath) requireOneClass(name, classes, splits, realPath);
  return { classes, splits };
}

const hidden = (path: string): boolean => path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');

/** How many folders wrap everything: a shared first part that is no split, with a class and an image still below it. */
function wrappers(paths: readonly (readonly string[])[]): number {
  let depth = 0;
  for (;;) {
    const first = paths[0]![depth]!;
    const wrapped = paths.every((path) => path.length > depth + 2 && path[depth] === first);
    if (!wrapped || SPLITS.has(first)) return depth;
    depth++;
  }
}

/** `train/cat/1.png` beside `extra/cat/1.png`: reading `train` as a class would be a guess, and a wrong one. */
function refuseStrays(name: string, paths: readonly (readonly string[])[], depth: number): void {
  const inSplit = paths.find((path) => path.length > depth + 2 && SPLITS.has(path[depth]!));
  const stray = inSplit && paths.find((path) => !SPLITS.has(path[depth]!));
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
  for (const members of splits.values()) members.sort((a, b) => a.label - b.label || (a.path < b.path ? -1 : 1));
  return splits;
}

function requireAllClasses(name: string, classes: readonly string[], splits: Layout['splits']): void {
  for (const [split, files] of splits) {
    const seen = new Set(files.map(({ label }) => label));
    const missing = classes.find((_, label) => !seen.has(label));
    if (missing !== undefined) {
      throw new LayoutError(
        `${name}: every class must have images in ${split}, got none in ${missing}. Add some or remove the folder.`,
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
