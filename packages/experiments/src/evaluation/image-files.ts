import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isThere, walk } from '@resnet/files';
import { glob, isDynamicPattern } from 'tinyglobby';

/** Files that are taken from a folder: by their names' endings. */
const IMAGE = /\.(png|jpe?g|webp)$/i;

/** What paths lead to. */
export interface ImageFilesFound {
  /** Files in the order of the paths, those of a folder sorted; each once. */
  readonly files: readonly string[];
  /** Files of folders that are no images, by their names. */
  readonly others: number;
}

/**
 * Finds images: files as they are named, folders with all images below them, and patterns such as `photos/*.jpg` where no file has that
 * name. What leads to nothing is in the result as it was written, so that reading it tells.
 *
 * @throws FileError of `@resnet/files` for a folder that cannot be read.
 */
export async function findImageFiles(paths: readonly string[]): Promise<ImageFilesFound> {
  const files = new Set<string>();
  let others = 0;
  for (const path of paths) {
    const found = await namesAt(path);
    const images = found.folder ? found.names.filter((name) => IMAGE.test(name)) : found.names;
    others += found.names.length - images.length;
    for (const name of images) files.add(name);
  }
  return { files: [...files], others };
}

async function namesAt(path: string): Promise<{ names: readonly string[]; folder: boolean }> {
  if (isThere(path)) {
    if (!statSync(path).isDirectory()) return { names: [path], folder: false };
    const { files } = await walk(path, { ignore: (name) => name.startsWith('.') });
    return { names: files.map((name) => join(path, name)).sort(), folder: true };
  }
  if (!isDynamicPattern(path)) return { names: [path], folder: false };
  const names = (await glob(path, { absolute: isAbsolute(path), expandDirectories: false })).sort();
  return { names: names.length > 0 ? names : [path], folder: true };
}
