import type { BrokenImageError, Dataset } from '@resnet/data';
import { writeDurably } from '@resnet/files';
import { z } from 'zod';
import type { OnNote } from '../note';
import { runFiles } from './run-files';

/** What `broken-images.json` of a run holds. */
export const brokenImagesSchema = z.object({
  /** The images that could not be decoded, each once. */
  files: z.array(z.object({ file: z.string(), reason: z.string() })),
  /** Identifies the training images whatever those files hold; null where they cannot be identified. */
  others: z.string().nullable(),
});

/** The images that a run could not decode. They may be repaired before it goes on. */
export type BrokenImages = z.infer<typeof brokenImagesSchema>;

/** Keeps account of the broken images that a run meets. */
export interface BrokenImageLog {
  /** Notes an image, the first time. */
  add(error: BrokenImageError): void;
  /** The run folder is there: what was noted is written, and from now on at once. */
  begin(): void;
  /** Resolves when all is written. */
  settled(): Promise<void>;
}

/**
 * Notes broken images in a run folder.
 *
 * @param known Those of before the run was resumed.
 * @param onNote Hears of each, the first time.
 */
export function logBrokenImages(
  directory: string,
  train: Dataset,
  known: BrokenImages | null,
  onNote: OnNote,
): BrokenImageLog {
  const files = [...(known?.files ?? [])];
  let begun = false;
  let written: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const others = await fingerprintOfOthers(train, files);
    await writeDurably(runFiles(directory).brokenImages, JSON.stringify({ files, others }));
  };
  const save = () => {
    written = written.then(write);
    written.catch(() => {}); // settled() has it
  };
  return {
    add: ({ file, reason }) => {
      if (files.some((one) => one.file === file)) return;
      files.push({ file, reason });
      onNote(`left out broken image ${files.length}: ${file} (${reason})`);
      if (begun) save();
    },
    begin: () => {
      begun = true;
      if (files.length > (known?.files.length ?? 0)) save();
    },
    settled: () => written,
  };
}

/** Identifies training images whatever some files among them hold; null where they cannot be identified. */
export async function fingerprintOfOthers(train: Dataset, files: BrokenImages['files']): Promise<string | null> {
  // An error has the whole path, the data set the names below its folder, which may have moved.
  const isBroken = (name: string) => files.some(({ file }) => file === name || file.endsWith(`/${name}`));
  return (await train.fingerprint?.(isBroken)) ?? null;
}
