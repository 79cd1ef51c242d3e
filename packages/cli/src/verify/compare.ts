import { type SafeTensor, toFloat32 } from '@resnet/safetensors';

/** Largest differences that pass. */
export const tolerance = {
  /** Of a loss: absolute below 1, relative above. */
  losses: 1e-4,
  /** Of a tensor: norm of the difference over norm. */
  weights: 2e-4,
  statistics: 2e-4,
  logits: 2e-4,
} as const;

/** The largest difference of two lists of losses, absolute where the expected loss is below 1, relative above. */
export const lossDifference = (actual: readonly number[], expected: ArrayLike<number>): number =>
  actual.length === expected.length
    ? largest(actual.map((loss, i) => Math.abs(loss - expected[i]!) / Math.max(1, Math.abs(expected[i]!))))
    : Number.NaN;

/** The norm of the difference over the norm of what is expected. */
export function normDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

/** The largest difference of the tensors that `wanted` picks; NaN where one is missing, so that nothing passes. */
export const tensorsDifference = (
  actual: ReadonlyMap<string, SafeTensor>,
  expected: ReadonlyMap<string, SafeTensor>,
  wanted: (name: string) => boolean,
): number =>
  largest(
    [...expected]
      .filter(([name]) => wanted(name))
      .map(([name, tensor]) => {
        const own = actual.get(name);
        return own ? normDifference(toFloat32(own), toFloat32(tensor)) : Number.NaN;
      }),
  );

/** Running means and variances, as against what the optimizer trains. */
export const isStatistic = (name: string): boolean => /\.running_(mean|var)$/.test(name);

/** `Math.max`, which already gives NaN if any is NaN, and 0 for none. */
const largest = (values: readonly number[]): number => Math.max(0, ...values);
