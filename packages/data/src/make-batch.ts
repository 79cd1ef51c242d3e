import type { Augment } from '@resnet/augment';
import type { MadeBatch } from './batch';
import { type BatchPlan, indicesOf } from './batch-plan';
import { type BatchStack, batchStacks } from './batch-stack';
import type { Dataset } from './dataset';
import { BrokenImageError } from './errors';
import { plannedReader } from './planned-reader';

/** Makes batch `k`, at once where the data set is in memory. */
export type MakeBatch = (k: number) => MadeBatch | Promise<MadeBatch>;

/** Images in hand at a time: enough to keep the decoder's threads busy, few enough for large ones. */
const AT_ONCE = 8;

/** Binds a data set, a plan and an augmentation; the result depends on nothing else. */
export function batchMaker(dataset: Dataset, plan: BatchPlan, augment: Augment | null): MakeBatch {
  const stackOf = batchStacks(plan, augment);
  const { readSync } = dataset;
  const readReady = plannedReader(dataset, plan, augment);
  const putImage: PutImage = readReady
    ? async (stack, place, index) => stack.putReady(place, index, await readReady(index))
    : async (stack, place, index) => stack.put(place, index, await dataset.read(index));
  if (!readSync) return (k) => readBatch(indicesOf(plan, k), stackOf, putImage);
  return (k) => {
    const indices = indicesOf(plan, k);
    const stack = stackOf(indices.length);
    for (const [place, index] of indices.entries()) stack.put(place, index, readSync(index));
    return stack.finish();
  };
}

/** Reads image `index` into a place. */
type PutImage = (stack: BatchStack, place: number, index: number) => Promise<void>;

async function readBatch(
  indices: Int32Array,
  stackOf: (count: number) => BatchStack,
  putImage: PutImage,
): Promise<MadeBatch> {
  const stack = stackOf(indices.length);
  const queue = indices.entries();
  const drain = async () => {
    for (const [place, index] of queue) {
      await putImage(stack, place, index).catch((error) => {
        if (!(error instanceof BrokenImageError)) throw error;
        stack.skip(place, error);
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drain));
  return stack.finish();
}
