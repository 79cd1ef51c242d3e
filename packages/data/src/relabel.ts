import type { Dataset } from './dataset';
import { hashText } from './hash';

/**
 * A data set with its classes in another order or by other names. No pixel is copied.
 *
 * @param classes Names of the classes, by new label.
 * @param labels The new label of each class of `dataset`.
 * @returns A data set without `describe`: `batches` makes its batches on the calling thread.
 */
export function relabelDataset(dataset: Dataset, classes: readonly string[], labels: readonly number[]): Dataset {
  if (labels.length !== dataset.classes.length || labels.some((label) => !(label in classes))) {
    throw new RangeError(
      `relabelDataset: labels must be ${dataset.classes.length} indices below ${classes.length}, got ${labels}.`,
    );
  }
  const changed = <T extends { readonly label: number }>(sample: T): T => ({ ...sample, label: labels[sample.label]! });
  const { readEncoded, readSync, shard, fingerprint } = dataset;
  return {
    length: dataset.length,
    classes,
    shape: dataset.shape,
    label: (i) => labels[dataset.label(i)]!,
    read: async (i) => changed(await dataset.read(i)),
    ...(readEncoded && { readEncoded: async (i: number) => changed(await readEncoded(i)) }),
    ...(readSync && { readSync: (i: number) => changed(readSync(i)) }),
    ...(shard && { shard }),
    ...(fingerprint && {
      fingerprint: async (except?: (file: string) => boolean) =>
        `${await fingerprint(except)}-${hashText(JSON.stringify([classes, labels])).slice(0, 16)}`,
    }),
  };
}
