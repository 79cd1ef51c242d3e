import {
  AnalysisError,
  blockJacobians,
  gradientGains,
  identityBlocks,
  jacobian,
  mapBetweenLayers,
} from '@resnet/analysis';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { numbers, toyModel } from './toy';

let model: tf.LayersModel;
const shape: [number, number, number, number] = [3, 4, 4, 2];
const images = () => tf.tensor4d(numbers(96), shape);
const labels = Int32Array.from([0, 1, 2]);

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = toyModel();
});

describe('mapBetweenLayers', () => {
  it('leaves its result and nothing else', () => {
    const [first, last] = [model.layers[0]!, model.layers.at(-1)!];
    const x = images();
    const before = tf.memory().numTensors;
    tf.dispose(mapBetweenLayers(first, last)(x));
    expect(tf.memory().numTensors).toBe(before);
    expect(x.isDisposed).toBe(false);
  });

  it('from the input to the output is the network', () => {
    const [first, last] = [model.layers[0]!, model.layers.at(-1)!];
    const expected = (model.predict(images()) as tf.Tensor).dataSync();
    expect(mapBetweenLayers(first, last)(images()).dataSync()).toEqual(expected);
  });

  it('parts a network in two', () => {
    const middle = model.getLayer('bn1');
    const [first, last] = [model.layers[0]!, model.getLayer('add')];
    // The addition also takes the input, which the middle does not give.
    expect(() => mapBetweenLayers(middle, last)(images())).toThrow(/every path must start at the given layer/);
    const whole = mapBetweenLayers(first, model.getLayer('bn2'))(images()).dataSync();
    const half = mapBetweenLayers(first, middle)(images());
    expect(mapBetweenLayers(middle, model.getLayer('bn2'))(half).dataSync()).toEqual(whole);
  });
});

it('identityBlocks finds the block, whichever summand the shortcut is', () => {
  expect(identityBlocks(model).map(({ name }) => name)).toEqual(['add']);
  const input = tf.input({ shape: [4, 4, 2] });
  const branch = tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }).apply(input) as tf.SymbolicTensor;
  const sum = tf.layers.add({ name: 'swapped' }).apply([input, branch]) as tf.SymbolicTensor;
  const swapped = tf.model({ inputs: input, outputs: sum });
  expect(identityBlocks(swapped).map(({ name, input: from }) => [name, from.name])).toEqual([
    ['swapped', input.sourceLayer.name],
  ]);
});

it('identityBlocks leaves projections out', async () => {
  const input = tf.input({ shape: [4, 4, 2] });
  const conv = () => tf.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }).apply(input) as tf.SymbolicTensor;
  const sum = tf.layers.add().apply([conv(), conv()]) as tf.SymbolicTensor;
  const projected = tf.model({ inputs: input, outputs: sum });
  expect(identityBlocks(projected)).toEqual([]);
  await expect(blockJacobians(projected, images().slice([0], [1]))).rejects.toThrow(AnalysisError);
  await expect(gradientGains(projected, images(), labels)).rejects.toThrow(/shortcut A or B/);
});

describe('blockJacobians', () => {
  const image = () => images().slice([0], [1]) as tf.Tensor4D;

  it('is the Jacobian of the block on the center of its input', async () => {
    // At most 8 numbers of 2 channels: 2 × 2 pixels, those in the middle of 4 × 4.
    const [block] = await blockJacobians(model, image(), 8);
    expect(block).toMatchObject({ block: 'add', size: 8 });
    const patch = image().slice([0, 1, 1, 0], [1, 2, 2, 2]);
    const { map } = identityBlocks(model)[0]!;
    const rows = await jacobian(map, patch);
    const squares = rows.flat().reduce((sum, v) => sum + v * v, 0);
    // ‖J‖² is the sum of the squared singular values.
    expect(block!.singularValues.reduce((sum, s) => sum + s * s, 0)).toBeCloseTo(squares, 4);
    const away = rows.flatMap((row, i) => row.map((v, j) => (v - (i === j ? 1 : 0)) ** 2));
    expect(block!.distanceToIdentity).toBeCloseTo(Math.sqrt(away.reduce((a, b) => a + b) / 8), 5);
  });

  it('leaves no tensor behind', async () => {
    const one = image();
    await blockJacobians(model, one, 8);
    const before = tf.memory().numTensors;
    await blockJacobians(model, one, 8);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('gradientGains agrees with finite differences of the loss', async () => {
  const [gain] = await gradientGains(model, images(), labels);
  const lossFrom = (layer: tf.layers.Layer) => (values: Float32Array) => {
    const logits = mapBetweenLayers(layer, model.layers.at(-1)!)(tf.tensor(values, shape)).arraySync() as number[][];
    const each = logits.map((row, i) => Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0)) - row[labels[i]!]!);
    return each.reduce((a, b) => a + b) / each.length;
  };
  const normAt = (layer: tf.layers.Layer) => {
    const at = mapBetweenLayers(model.layers[0]!, layer)(images()).dataSync<'float32'>();
    const loss = lossFrom(layer);
    const h = 2e-2;
    const squares = Array.from(at, (v, i) => {
      const moved = (d: number) => loss(at.map((w, j) => (j === i ? v + d : w)));
      return ((moved(h) - moved(-h)) / (2 * h)) ** 2;
    });
    return Math.sqrt(squares.reduce((a, b) => a + b));
  };
  const expected = normAt(model.layers[0]!) / normAt(model.getLayer('add'));
  // ReLUs that switch within a step of the differences cost the third digit.
  expect(gain!.gain / expected).toBeCloseTo(1, 1);
});
