import type { Dataset } from './dataset';
import { DataError } from './errors';
import { inOrder } from './in-order';

/** How a data set is checked. */
export interface CheckOptions {
  /** Called after each image. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Images being decoded at a time: they take turns in the threads that decode. */
const AHEAD = 16;

/**
 * Decodes every image of a data set, and gives those that cannot be read, as they are met.
 *
 * @returns The errors that reading them gives: BrokenImageError, ChecksumError and the like.
 */
export async function* checkDataset(dataset: Dataset, { onProgress }: CheckOptions = {}): AsyncGenerator<DataError> {
  const check = async (i: number): Promise<DataError | null> => {
    try {
      await dataset.read(i);
      return null;
    } catch (error) {
      if (error instanceof DataError) return error;
      throw error;
    }
  };
  let done = 0;
  for await (const error of inOrder(check, 0, dataset.length, AHEAD)) {
    if (error) yield error;
    onProgress?.({ done: ++done, total: dataset.length });
  }
}
