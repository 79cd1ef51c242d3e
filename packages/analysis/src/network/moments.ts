import * as tf from '@tensorflow/tfjs';

/** Sums of one layer's values over many batches, in float64. */
interface Sums {
  count: number;
  sum: number;
  squares: number;
}

/**
 * Runs `images` (each `[n, h, w, c]`, owned by the caller) through `model` in evaluation mode and sums
 * what `outputs` give.
 *
 * @returns For each output its standard deviation and its L2 norm, both over all values.
 */
export async function outputMoments(
  model: tf.LayersModel,
  outputs: readonly tf.SymbolicTensor[],
  images: Iterable<tf.Tensor> | AsyncIterable<tf.Tensor>,
): Promise<{ std: number; norm: number }[]> {
  const probe = tf.model({ inputs: model.inputs, outputs: [...outputs] });
  const totals: Sums[] = outputs.map(() => ({ count: 0, sum: 0, squares: 0 }));
  for await (const batch of images) {
    const values = probe.predictOnBatch(batch);
    for (const [i, value] of [values].flat().entries()) {
      add(totals[i]!, await value.data());
      value.dispose();
    }
  }
  return totals.map(({ count, sum, squares }) => ({
    std: Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)),
    norm: Math.sqrt(squares),
  }));
}

function add(sums: Sums, values: ArrayLike<number>): void {
  // Float32 values, float64 sums: millions of squares would lose digits otherwise.
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    sums.sum += v;
    sums.squares += v * v;
  }
  sums.count += values.length;
}
