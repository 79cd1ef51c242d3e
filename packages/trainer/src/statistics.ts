import * as tf from '@tensorflow/tfjs';
import { acceptBatches } from './accept-batch';
import { type Batch, type Batches, countOf, disposeBatch, partsOf, sizeOf } from './batch';
import { breathe } from './breathe';
import { TrainError } from './errors';
import type { Asked } from './evaluate';
import { assignAll, weightsOf } from './weights';

/** Statistics of a normalization layer, and the share of the old value that it keeps at each batch. */
interface Tracked {
  readonly variable: tf.Variable;
  readonly momentum: number;
}

/**
 * Replaces the running statistics of batch normalization by true averages over batches, as the paper's were: a running
 * mean forgets, and lags behind weights that still move. The average over batches of each batch's mean and variance, as
 * PyTorch's `update_bn` takes it, summed in float64.
 *
 * @param model Layers with a `momentum` and weights named `moving_mean`, `moving_variance` are taken for normalization.
 * @param batches Training images, augmented as in training; tensors in them are disposed.
 * @returns Number of images seen; 0 where the model has no such layers, without reading any.
 * @throws TrainError if there are no batches.
 */
export async function reestimateStatistics(model: tf.LayersModel, batches: Batches): Promise<number> {
  const result = await reestimate(model, batches, { stopped: () => false, parallel: null });
  return result.kind === 'estimated' ? result.images : 0;
}

/** Statistics over all batches, or an interruption between two of them, which leaves the statistics as they were. */
export type Reestimation = { readonly kind: 'estimated'; readonly images: number } | { readonly kind: 'interrupted' };

/** Like `reestimateStatistics`; asks `stopped` between two batches. */
export async function reestimate(model: tf.LayersModel, batches: Batches, asked: Asked): Promise<Reestimation> {
  const tracked = trackedBy(model);
  if (tracked.length === 0) return { kind: 'estimated', images: 0 };
  const variables = tracked.map(({ variable }) => variable);
  const before = variables.map((variable) => variable.clone());
  let result: Reestimation = { kind: 'interrupted' };
  try {
    result = await averaged(model, tracked, batches, asked);
    return result;
  } finally {
    if (result.kind === 'interrupted') assignAll(variables, before);
    tf.dispose(before);
  }
}

async function averaged(
  model: tf.LayersModel,
  tracked: readonly Tracked[],
  batches: Batches,
  { stopped, parallel }: Asked,
): Promise<Reestimation> {
  const sums = tracked.map(({ variable }) => new Float64Array(variable.size));
  let images = 0;
  let count = 0;
  for await (const batch of acceptBatches(batches, model)) {
    try {
      if (await stopped()) return { kind: 'interrupted' };
      parallel?.begin(countOf(batch) > 0);
      const own = countOf(batch) > 0 ? sums : sums.map(() => null);
      await addBatch(model, tracked, batch, own);
      count += countOf(batch) > 0 ? 1 : 0;
    } finally {
      disposeBatch(batch);
    }
    images += countOf(batch);
    await breathe();
  }
  if (parallel) {
    [images = 0, count = 0] = await parallel.sum([images, count]);
    for (const own of sums) own.set(await parallel.sum([...own]));
  }
  if (count === 0)
    throw new TrainError('reestimateStatistics: there must be a batch, got none. Check the batch source.');
  tracked.forEach(({ variable }, i) => {
    const mean = Float32Array.from(sums[i]!, (sum) => sum / count);
    tf.tidy(() => variable.assign(tf.tensor(mean, variable.shape)));
  });
  return { kind: 'estimated', images };
}

// From zero, one batch moves a running mean to (1 − momentum) times the batch's own.
async function addBatch(
  model: tf.LayersModel,
  tracked: readonly Tracked[],
  batch: Batch,
  sums: readonly (Float64Array | null)[],
): Promise<void> {
  tf.tidy(() => {
    for (const { variable } of tracked) variable.assign(tf.zerosLike(variable));
    const [part] = partsOf({ ...batch, labels: new Int32Array(sizeOf(batch)) }, sizeOf(batch), 1);
    if (part) model.apply(part.images(), { training: true });
  });
  const values = await Promise.all(tracked.map(({ variable }) => variable.data()));
  tracked.forEach(({ momentum }, i) => {
    const sum = sums[i];
    values[i]!.forEach((value, j) => {
      if (sum) sum[j]! += value / (1 - momentum);
    });
  });
}

function trackedBy(model: tf.LayersModel): Tracked[] {
  const statistics = new Map(weightsOf(model).map(({ name, variable }) => [variable, name]));
  return model.layers.flatMap((layer) => {
    const { momentum } = layer.getConfig();
    if (typeof momentum !== 'number') return [];
    return layer.weights
      .map((weight) => weight.read() as tf.Variable)
      .filter((variable) => /(moving|running)_(mean|var)/.test(statistics.get(variable) ?? ''))
      .map((variable) => ({ variable, momentum }));
  });
}
