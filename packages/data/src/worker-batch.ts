import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { type AugmentRecipe, resolveAugment } from './augment-recipe';
import type { MadeBatch } from './batch';
import type { BatchPlan } from './batch-plan';
import type { DatasetDescription } from './dataset';
import { DataError } from './errors';
import { type Failure, failureOf } from './failure';
import { batchMaker, type MakeBatch } from './make-batch';
import { restoreDataset } from './restore';

/** What each batch worker gets when it starts. */
interface BatchWorkerData {
  readonly dataset: DatasetDescription;
  readonly plan: BatchPlan;
  readonly augment?: AugmentRecipe;
}

/** A batch, or why there is none: errors lose their class between threads. */
export type WorkerResult = MadeBatch | { readonly failure: Failure };

let maker: Promise<MakeBatch> | undefined;

/** Makes batch `k` of this worker's plan; its pixels move to the caller without a copy. */
export async function makeBatch(k: number): Promise<unknown> {
  maker ??= prepare(workerData);
  try {
    const made = await (await maker)(k);
    return made.batch ? moved(made, made.batch.images.data.buffer) : made;
  } catch (error) {
    if (error instanceof DataError) return { failure: failureOf(error) };
    throw error;
  }
}

async function prepare({ dataset, plan, augment }: BatchWorkerData): Promise<MakeBatch> {
  return batchMaker(restoreDataset(dataset), plan, augment === undefined ? null : await resolveAugment(augment));
}

const moved = (value: MadeBatch, buffer: ArrayBuffer): unknown =>
  move({ [transferableSymbol]: buffer, [valueSymbol]: value });
