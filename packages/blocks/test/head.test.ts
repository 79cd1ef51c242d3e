import { head, initialized, network, scope } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

describe('head', () => {
  it.each([0, 1])("starts as torch's nn.Linear: uniform within ±1/√64, biases too; seed %i", (seed) => {
    const model = network({ inputShape: [1, 1, 64] }, initialized({ seed }, scope('', head(1000))));
    const [weights, biases] = model.getWeights().map((weight: tf.Tensor) => [...weight.dataSync()]) as [
      number[],
      number[],
    ];
    for (const values of [weights, biases]) {
      const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
      // The extremes are reached to 1 % and the variance is a third of the bound's square, to five standard errors of 1,000 draws.
      expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.99 / 8);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1 / 8);
      expect(Math.abs(square * 64 * 3 - 1)).toBeLessThan(0.15);
    }
  });
});
