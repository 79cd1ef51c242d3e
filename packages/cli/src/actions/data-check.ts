import { BrokenImageError, checkDataset, describeOtherFiles, openSource } from '@resnet/data';
import { note, print, printJson } from '../output';

/** Decodes every image of a data set and prints what cannot be read. */
export async function check(path: string, { json }: { json?: boolean }): Promise<void> {
  // As files, so that each is met under its own name.
  const { splits, read, skipped, otherFiles } = await openSource(path, { maxPackedBytes: 0 });
  const broken: string[] = [];
  let images = 0;
  for (const split of splits) {
    const dataset = await read(split);
    images += dataset.length;
    for await (const error of checkDataset(dataset, { onProgress: progressOf(split) })) {
      const line = error instanceof BrokenImageError ? `${error.file}: ${error.reason}` : error.message;
      broken.push(line);
      if (!json) print(line);
    }
  }
  if (broken.length > 0) process.exitCode = 1;
  if (json) return printJson({ images, broken, skipped, otherFiles });
  for (const { path: left, reason } of skipped) print(`left out ${left}: ${reason}`);
  const others = describeOtherFiles(otherFiles);
  if (others !== '') print(`left out, since they cannot be read as images: ${others}`);
  print(`${images.toLocaleString('en-US')} images, ${broken.length.toLocaleString('en-US')} broken`);
}

/** Says every tenth of the way where it takes a while. */
function progressOf(split: string): (progress: { done: number; total: number }) => void {
  let shown = 0;
  return ({ done, total }) => {
    const tenth = Math.floor((10 * done) / total);
    if (total >= worthTelling && tenth > shown) note(`${split}: ${done} of ${total} images decoded`);
    shown = tenth;
  };
}

const worthTelling = 5_000;
