import {
  AnalysisError,
  calibration,
  classScores,
  confusionMatrix,
  confusionOf,
  errorByClass,
  type ImageView,
  scoreViews,
} from '@resnet/analysis';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { numbers } from './toy';

const scored = [
  { label: 0, probabilities: [0.9, 0.1] },
  { label: 0, probabilities: [0.4, 0.6] },
  { label: 1, probabilities: [0.35, 0.65] },
  { label: 1, probabilities: [0.05, 0.95] },
];

describe('confusionMatrix', () => {
  it('counts truth by prediction', () =>
    expect(confusionMatrix(scored)).toEqual([
      [1, 1],
      [0, 2],
    ]));
  it('gives the error of each class', () =>
    expect(
      errorByClass([
        [1, 1],
        [0, 2],
      ]),
    ).toEqual([0.5, 0]));
});

describe('calibration', () => {
  // Five bins of 0.2. (0.6, 0.8]: 0.65 right; (0.4, 0.6]: 0.6 wrong; (0.8, 1]: 0.9 and 0.95 right.
  const { bins, expectedError } = calibration(scored, 5);

  it('bins by confidence', () => {
    expect(bins.map((bin) => bin.images)).toEqual([0, 0, 1, 1, 2]);
    expect(bins[4]).toMatchObject({ accuracy: 1, confidence: 0.925 });
  });

  it('weighs the gaps by images', () =>
    expect(expectedError).toBeCloseTo((0.6 + (1 - 0.65) + 2 * (1 - 0.925)) / 4, 12));
});

it.each([
  ['calibration', calibration],
  ['confusionMatrix', confusionMatrix],
])('%s refuses no image and a label without probability', (_, measure) => {
  expect(() => measure([])).toThrow(AnalysisError);
  expect(() => measure([{ label: 2, probabilities: [0.5, 0.5] }])).toThrow(/labels must be from 0 to 1, got 2\. \w/);
});

it('calibration refuses no intervals', () => expect(() => calibration(scored, 0)).toThrow(AnalysisError));

describe('scoreViews', () => {
  const view = (side: number, seed: number): ImageView => ({
    data: Float32Array.from(numbers(side * side * 2 + seed).slice(seed)),
    height: side,
    width: side,
    channels: 2,
  });
  const network = () => {
    const input = tf.input({ shape: [null, null, 2] });
    const conv = tf.layers.conv2d({
      filters: 3,
      kernelSize: 3,
      padding: 'same',
      kernelInitializer: tf.initializers.randomNormal({ seed: 1 }),
    });
    return tf.model({
      inputs: input,
      outputs: tf.layers.globalAveragePooling2d({}).apply(conv.apply(input)) as tf.SymbolicTensor,
    });
  };
  const alone = (model: tf.LayersModel, { data, height, width, channels }: ImageView): number[] =>
    Array.from(tf.softmax(model.predict(tf.tensor4d(data, [1, height, width, channels])) as tf.Tensor).dataSync());

  it('is the mean of ten views run one by one', async () => {
    const model = network();
    const views = Array.from({ length: 10 }, (_, i) => view(4, i));
    const expected = views.map((v) => alone(model, v));
    const [scores] = await scoreViews(model, [views], 4);
    for (let k = 0; k < 3; k++) {
      expect(scores![k]).toBeCloseTo(expected.reduce((sum, row) => sum + row[k]!, 0) / 10, 6);
    }
  });

  it.each([
    ['an image without views', [[]], 4, /got none of image 0/],
    ['a view of other numbers', [[{ ...view(4, 0), width: 3 }]], 4, /4 × 3 × 2 .* got 32/],
    ['no batch size', [[view(4, 0)]], 0, /batch .* got 0/],
  ])('refuses %s', async (_, images, batch, message) => {
    await expect(scoreViews(network(), images, batch)).rejects.toThrow(AnalysisError);
    await expect(scoreViews(network(), images, batch)).rejects.toThrow(message);
  });

  it('averages scales as separate runs do, image by image', async () => {
    const model = network();
    const images = [0, 1, 2].map((seed) => [view(5, seed), view(6, seed), view(8, seed)]);
    const scores = await scoreViews(model, images);
    images.forEach((views, i) => {
      const runs = views.map((v) => alone(model, v));
      for (let k = 0; k < 3; k++) {
        expect(scores[i]![k]).toBeCloseTo((runs[0]![k]! + runs[1]![k]! + runs[2]![k]!) / 3, 6);
      }
    });
  });
});

describe('classScores', () => {
  it('counts as by hand: 3 true and 1 false positive, 2 missed, and a class without images', () => {
    const [a, b, c] = classScores([
      [3, 2, 0],
      [1, 4, 0],
      [0, 0, 0],
    ]);
    expect(a).toEqual({ images: 5, precision: 3 / 4, recall: 3 / 5, f1: 6 / 9 });
    expect(b).toEqual({ images: 5, precision: 4 / 6, recall: 4 / 5, f1: 8 / 11 });
    expect(c).toEqual({ images: 0, precision: Number.NaN, recall: Number.NaN, f1: Number.NaN });
  });
});

it('confusionOf refuses a class that there is not', () =>
  expect(() => confusionOf([{ label: 0, predicted: 2 }], 2)).toThrow('classes must be from 0 to 1, got 0 called 2'));
