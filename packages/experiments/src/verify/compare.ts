import { type SafeTensor, toFloat32 } from '@resnet/safetensors';

/**
 * Largest differences that pass. Correct implementations differ by rounding, which training amplifies: weights of float32 and float64
 * PyTorch differ by 4e-6 on the shipped runs, and by up to 1e-4 on deeper networks.
 */
export const tolerance = {
  /** Largest difference of a loss: absolute for losses up to 1, relative above. */
  losses: 1e-4,
  /** Norm of the difference over norm, of all weights together and of all vectors together. */
  weights: 2e-4,
  /** The same, of all running means together and of the running variance of each layer. */
  statistics: 4e-4,
  /** The same, of the logits in evaluation mode, in which the differences of all weights accumulate. */
  logits: 1e-2,
} as const;

/** The largest difference of a loss, absolute where the expected one is up to 1, relative above. NaN if one is missing. */
export const lossDifference = (actual: readonly number[], expected: ArrayLike<number>): number =>
  actual.length === expected.length
    ? Math.max(0, ...actual.map((loss, i) => Math.abs(loss - expected[i]!) / Math.max(1, Math.abs(expected[i]!))))
    : Number.NaN;

/** The norm of the difference over the norm of what is expected. NaN if their lengths differ. */
export const normDifference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  ratio([squares(actual, expected)]);

type Tensors = ReadonlyMap<string, SafeTensor>;

/**
 * The larger of all weights' as one vector, and of all biases' and scales' alone, since decay may spare them. Not one by
 * one: a bias near 0 would be all rounding.
 */
export const weightsDifference = (actual: Tensors, expected: Tensors): number => {
  const isWeight = (name: string) => !/\.running_(mean|var)$/.test(name);
  const isVector = (name: string) => expected.get(name)?.shape.length === 1;
  return Math.max(
    groupDifference(actual, expected, isWeight),
    groupDifference(actual, expected, (name) => isWeight(name) && isVector(name)),
  );
};

/**
 * The largest of the running means', together for the same reason, and of each layer's running variance: one by one, so
 * that a biased variance (1 in 1,024 at 8×8 pixels and 16 images) shows.
 */
export const statisticsDifference = (actual: Tensors, expected: Tensors): number => {
  const variances = [...expected.keys()].filter((name) => name.endsWith('.running_var'));
  return Math.max(
    groupDifference(actual, expected, (name) => name.endsWith('.running_mean')),
    ...variances.map((variance) => groupDifference(actual, expected, (name) => name === variance)),
  );
};

function groupDifference(actual: Tensors, expected: Tensors, wanted: (name: string) => boolean): number {
  const group = [...expected].filter(([name]) => wanted(name));
  return ratio(
    group.map(([name, tensor]) => {
      const own = actual.get(name);
      return squares(own ? toFloat32(own) : [], toFloat32(tensor));
    }),
  );
}

interface Squares {
  difference: number;
  expected: number;
}

/** Sums of squares of the difference and of what is expected; NaN where there is nothing to compare with. */
function squares(actual: ArrayLike<number>, expected: ArrayLike<number>): Squares {
  const sums = { difference: actual.length === expected.length ? 0 : Number.NaN, expected: 0 };
  for (let i = 0; i < expected.length; i++) {
    sums.difference += (actual[i]! - expected[i]!) ** 2;
    sums.expected += expected[i]! ** 2;
  }
  return sums;
}

function ratio(parts: readonly Squares[]): number {
  const total = (pick: (part: Squares) => number) => parts.reduce((sum, part) => sum + pick(part), 0);
  const difference = total((part) => part.difference);
  return difference === 0 ? 0 : Math.sqrt(difference / total((part) => part.expected));
}
