import {
  AnalysisError,
  gradientNorms,
  jacobian,
  layerResponses,
  rankResponses,
  residualRatios,
  summarizeJacobian,
} from '@resnet/analysis';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { convolve, forwardByHand, numbers, toyModel } from './toy';

let model: tf.LayersModel;
const pixels = numbers(3 * 4 * 4 * 2);
const images = () => tf.tensor4d(pixels, [3, 4, 4, 2]);

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = toyModel();
});

const byHand = () =>
  (images().arraySync() as number[][][][]).map((image) => ({ image, ...forwardByHand(model, image) }));

const std = (values: number[]): number => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};

describe('layerResponses', () => {
  it('is the deviation of a hand-written forward pass', async () => {
    const batches = [images().slice([0], [2]), images().slice([2], [1])];
    const responses = await layerResponses(model, batches);
    const hand = byHand();
    expect(responses.map(({ layer }) => layer)).toEqual(['bn1', 'bn2']);
    expect(responses[0]!.std).toBeCloseTo(std(hand.flatMap((h) => h.first.flat(2))), 5);
    expect(responses[1]!.std).toBeCloseTo(std(hand.flatMap((h) => h.second.flat(2))), 5);
  });

  it('ranks from strongest to weakest without touching the original order', () => {
    const original = [
      { layer: 'a', std: 1 },
      { layer: 'b', std: 2 },
    ];
    expect(rankResponses(original).map(({ layer }) => layer)).toEqual(['b', 'a']);
    expect(original[0]!.layer).toBe('a');
  });

  it('says what is missing in a network without such layers', async () => {
    const dense = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    await expect(layerResponses(dense, [])).rejects.toThrow(/must have batch normalization after 3×3 convolutions/);
    await expect(layerResponses(dense, [])).rejects.toThrow(AnalysisError);
  });

  it('leaves no tensor behind', async () => {
    const batch = images();
    await layerResponses(model, [batch]);
    const before = tf.memory().numTensors;
    await layerResponses(model, [batch]);
    expect(tf.memory().numTensors).toBe(before);
    batch.dispose();
  });
});

const norm = (values: number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));

describe('residualRatios', () => {
  it('divides the norm of the branch by that of its input', async () => {
    const [ratio] = await residualRatios(model, [images()]);
    const hand = byHand();
    const expected = norm(hand.flatMap((h) => h.second.flat(2))) / norm(hand.flatMap((h) => h.image.flat(2)));
    expect(ratio).toEqual({ block: 'add', ratio: expect.closeTo(expected, 5) });
  });

  it('takes the input of a block that changes the shape, not what its projection makes of it', async () => {
    const input = tf.input({ shape: [4, 4, 2] });
    const conv = (kernelSize: number) =>
      tf.layers.conv2d({ filters: 4, kernelSize, strides: 2, padding: 'same', useBias: false });
    const branch = conv(3);
    const sum = tf.layers.add().apply([branch.apply(input), conv(1).apply(input)] as tf.SymbolicTensor[]);
    const [found] = await residualRatios(tf.model({ inputs: input, outputs: sum as tf.SymbolicTensor }), [images()]);
    const kernel = branch.getWeights()[0]!.arraySync() as number[][][][];
    const samples = images().arraySync() as number[][][][];
    // 'same' pads an even side by one at its end alone: the outputs stand at the odd rows and columns.
    const odd = <T>(values: T[]) => values.filter((_, i) => i % 2 === 1);
    const outputs = samples.flatMap((image) => odd(convolve(image, kernel)).flatMap((row) => odd(row).flat()));
    expect(found!.ratio).toBeCloseTo(norm(outputs) / norm(pixels), 5);
  });

  it('says what is missing in a plain network', async () => {
    const plain = tf.sequential({ layers: [tf.layers.conv2d({ filters: 1, kernelSize: 3, inputShape: [4, 4, 2] })] });
    await expect(residualRatios(plain, [])).rejects.toThrow(AnalysisError);
  });
});

describe('gradientNorms', () => {
  const labels = Int32Array.from([0, 1, 2]);

  it('agrees with finite differences of the loss', async () => {
    const [, second] = await gradientNorms(model, images(), labels);
    expect(second!.layer).toBe('conv2');
    const layer = model.getLayer('conv2');
    const kernel = layer.getWeights()[0]!.clone();
    const values = kernel.dataSync();
    const loss = () => {
      const logits = model.apply(images(), { training: true }) as tf.Tensor2D;
      return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(labels, 'int32'), 3), logits).dataSync()[0]!;
    };
    const h = 1e-2;
    const squares = Array.from(values, (value, i) => {
      const at = (v: number) => {
        const moved = values.slice();
        moved[i] = v;
        layer.setWeights([tf.tensor(moved, kernel.shape)]);
        return loss();
      };
      return ((at(value + h) - at(value - h)) / (2 * h)) ** 2;
    });
    layer.setWeights([kernel]);
    // Central differences in float32: a third digit is what they give.
    expect(second!.gradientNorm / Math.sqrt(squares.reduce((a, b) => a + b))).toBeCloseTo(1, 2);
    expect(second!.weightNorm).toBeCloseTo(Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0)), 5);
  });

  it.each([
    [[0, 1], /one label an image, got 2 for 3/],
    [[0, 1, 3], /labels must be from 0 to 2, got 3/],
  ])('refuses labels %j', async (wrong, message) => {
    const norms = () => gradientNorms(model, images(), Int32Array.from(wrong));
    await expect(norms()).rejects.toThrow(AnalysisError);
    await expect(norms()).rejects.toThrow(message);
  });

  it('puts the running statistics back', async () => {
    const before = model.getLayer('bn1').getWeights()[2]!.arraySync();
    await gradientNorms(model, images(), labels);
    expect(model.getLayer('bn1').getWeights()[2]!.arraySync()).toEqual(before);
  });
});

describe('jacobian', () => {
  const weights = [0.5, -0.3, 0.8, 0.1];
  /** tanh(x·W) + x on two values, whose derivative is known in closed form. */
  const block = (x: tf.Tensor) => tf.add(tf.tanh(tf.matMul(x as tf.Tensor2D, tf.tensor2d(weights, [2, 2]))), x);
  const x = [0.4, -0.7];

  it('is the closed form', async () => {
    const [[a, b], [c, d]] = (await jacobian(block, tf.tensor2d([x]))) as [[number, number], [number, number]];
    const slope = (k: number) => 1 - Math.tanh(x[0]! * weights[k]! + x[1]! * weights[2 + k]!) ** 2;
    expect(a).toBeCloseTo(1 + weights[0]! * slope(0), 6);
    expect(b).toBeCloseTo(weights[2]! * slope(0), 6);
    expect(c).toBeCloseTo(weights[1]! * slope(1), 6);
    expect(d).toBeCloseTo(1 + weights[3]! * slope(1), 6);
  });

  it('agrees with finite differences of a residual block of the toy', async () => {
    const probe = tf.model({ inputs: model.inputs, outputs: model.getLayer('add').output });
    const map = (input: tf.Tensor) => probe.apply(input, { training: false }) as tf.Tensor;
    const sample = images().slice([0], [1]);
    const rows = await jacobian(map, sample);
    const base = sample.dataSync();
    const h = 1e-2;
    for (const j of [0, 7, 20]) {
      const moved = (delta: number) => {
        const values = base.slice();
        values[j]! += delta;
        return map(tf.tensor(values, sample.shape)).dataSync();
      };
      const [up, down] = [moved(h), moved(-h)];
      for (const [i, row] of rows.entries()) expect(row[j]).toBeCloseTo((up[i]! - down[i]!) / (2 * h), 2);
    }
  });

  it('is of one sample', () => expect(jacobian(block, tf.tensor2d([x, x]))).rejects.toThrow(AnalysisError));

  it('has the singular values of a matrix known by hand', () => {
    // [[3, 0], [4, 5]]: M·Mᵀ = [[9, 12], [12, 41]] has the eigenvalues 45 and 5.
    const { largestGain, smallestGain, distanceToIdentity } = summarizeJacobian([
      [3, 0],
      [4, 5],
    ]);
    expect([largestGain, smallestGain]).toEqual([expect.closeTo(Math.sqrt(45), 12), expect.closeTo(Math.sqrt(5), 12)]);
    // M − I = [[2, 0], [4, 4]].
    expect(distanceToIdentity).toBeCloseTo(6 / Math.SQRT2, 12);
  });

  it('of the identity is the identity', async () => {
    const summary = summarizeJacobian(await jacobian((t) => t.mul(1), tf.tensor2d([[1, 2, 3]])));
    expect(summary).toMatchObject({ smallestGain: 1, largestGain: 1, distanceToIdentity: 0 });
  });

  it('shows that a residual block may shrink a gradient below 1', async () => {
    // x − 0.9x: the branch cancels most of the shortcut.
    const summary = summarizeJacobian(await jacobian((t) => t.sub(t.mul(0.9)), tf.tensor2d([[1, 2]])));
    expect(summary.smallestGain).toBeCloseTo(0.1, 6);
    expect(summary.distanceToIdentity).toBeCloseTo(0.9, 6);
  });
});
