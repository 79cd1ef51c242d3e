import { createHash } from 'node:crypto';
import type { Dataset } from './dataset';
import { shared } from './shared-memory';

/**
 * Some images of a data set, in the order given. No pixel is copied.
 *
 * @param indices Which images of `dataset`.
 */
export function subsetDataset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const kept = shared(Int32Array, indices.length);
  for (let i = 0; i < kept.length; i++) {
    const index = indices[i]!;
    if (!Number.isInteger(index) || index < 0 || index >= dataset.length) {
      throw new RangeError(`subsetDataset: indices must be below ${dataset.length}, got ${index}.`);
    }
    kept[i] = index;
  }
  const { readEncoded, shard, readSync, describe, fingerprint } = dataset;
  return {
    length: kept.length,
    classes: dataset.classes,
    shape: dataset.shape,
    label: (i) => dataset.label(kept[i]!),
    read: (i) => dataset.read(kept[i]!),
    ...(readEncoded && { readEncoded: (i: number) => readEncoded(kept[i]!) }),
    ...(shard && { shard: (i: number) => shard(kept[i]!) }),
    ...(readSync && { readSync: (i: number) => readSync(kept[i]!) }),
    ...(describe && { describe: () => ({ kind: 'subset' as const, of: describe(), indices: kept }) }),
    ...(fingerprint && {
      fingerprint: async (except?: (file: string) => boolean) => `${await fingerprint(except)}-${hash(kept)}`,
    }),
  };
}

const hash = (indices: Int32Array): string => createHash('sha256').update(indices).digest('hex').slice(0, 16);
