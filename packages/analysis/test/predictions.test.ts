import { calibration, confusionMatrix, errorByClass } from '@resnet/analysis';
import { describe, expect, it } from 'vitest';

const scored = [
  { label: 0, probabilities: [0.9, 0.1] },
  { label: 0, probabilities: [0.4, 0.6] },
  { label: 1, probabilities: [0.35, 0.65] },
  { label: 1, probabilities: [0.05, 0.95] },
];

describe('confusionMatrix', () => {
  it('counts truth by prediction', () =>
    expect(confusionMatrix(scored, 2)).toEqual([
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
