import { heNormal } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

const shape = [3, 3, 64, 128] as const;

/** Mean, standard deviation, kurtosis and share beyond two deviations of nominal. */
function moments(tensor: tf.Tensor, nominal: number) {
  const values = Float32Array.from(tensor.dataSync());
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const central = (power: number) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
  const beyond = values.filter((value) => Math.abs(value) > 2 * nominal).length / n;
  return { mean, std: Math.sqrt(central(2)), kurtosis: central(4) / central(2) ** 2, beyond };
}

describe('heNormal', () => {
  it.each([
    ['out', Math.sqrt(2 / (9 * 128))],
    ['in', Math.sqrt(2 / (9 * 64))],
  ] as const)('by fan-%s is a true normal of standard deviation √(2 / fan)', (fan, std) => {
    const drawn = moments(heNormal(shape, { fan, seed: 0 }), std);
    // 73,728 draws: these are five standard errors and more.
    expect(Math.abs(drawn.mean)).toBeLessThan(0.02 * std);
    expect(Math.abs(drawn.std / std - 1)).toBeLessThan(0.014);
    expect(Math.abs(drawn.kurtosis - 3)).toBeLessThan(0.1);
    // A truncated normal has nothing out there; a true one has 4.55 %.
    expect(Math.abs(drawn.beyond - 0.0455)).toBeLessThan(0.004);
  });

  it('takes 0 for a seed', () => {
    const draw = (seed?: number) => [...heNormal([1, 1, 2, 3], { seed }).dataSync()];
    expect(draw(0)).toEqual(draw(0));
    expect(draw(0)).not.toEqual(draw(1));
    expect(draw()).not.toEqual(draw());
  });

  it('fills shapes of odd size', () => {
    expect(tf.all(tf.notEqual(heNormal([3, 5], { seed: 1 }), 0)).arraySync()).toBe(1);
  });
});
