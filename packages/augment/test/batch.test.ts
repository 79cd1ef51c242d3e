import {
  AugmentError,
  type Batch,
  cutmix,
  drawMix,
  drawPatch,
  mixup,
  randomCutmix,
  randomMixup,
} from '@resnet/augment';
import { describe, expect, it } from 'vitest';
import { seeded } from './golden';

/** Three images of 2×2 pixels; image n is n everywhere. */
const batch: Batch = {
  images: { data: Float32Array.from({ length: 12 }, (_, i) => Math.floor(i / 4)), shape: [3, 2, 2, 1] },
  labels: Int32Array.of(0, 2, 1),
};
const rounded = (values: Float32Array): number[] => [...values].map((value) => Math.round(value * 1e6) / 1e6);

describe('by hand', () => {
  it('mixup', () => {
    const { images, labels } = mixup(batch, { partners: [1, 2, 0], share: 0.75 }, 3);
    expect(rounded(images.data)).toEqual([0.25, 0.25, 0.25, 0.25, 1.25, 1.25, 1.25, 1.25, 1.5, 1.5, 1.5, 1.5]);
    expect(rounded(labels.data)).toEqual([0.75, 0, 0.25, 0, 0.25, 0.75, 0.25, 0.75, 0]);
    expect([images.shape, labels.shape]).toEqual([
      [3, 2, 2, 1],
      [3, 3],
    ]);
  });

  it('cutmix: labels go by the area that is really covered', () => {
    const window = { top: 1, left: -1, height: 2, width: 2 };
    const { images, labels } = cutmix(batch, { partners: [1, 2, 0], window }, 3);
    expect([...images.data]).toEqual([0, 0, 1, 0, 1, 1, 2, 1, 2, 2, 0, 2]);
    expect(rounded(labels.data)).toEqual([0.75, 0, 0.25, 0, 0.25, 0.75, 0.25, 0.75, 0]);
  });

  it('soft labels are mixed too', () => {
    const soft: Batch = { ...batch, labels: { data: Float32Array.of(0.5, 0.5, 1, 0, 0, 1), shape: [3, 2] } };
    const { labels } = mixup(soft, { partners: [2, 1, 0], share: 0.5 }, 2);
    expect(rounded(labels.data)).toEqual([0.25, 0.75, 1, 0, 0.25, 0.75]);
  });
});

describe.each([
  ['randomMixup', randomMixup],
  ['randomCutmix', randomCutmix],
])('%s', (_, make) => {
  it('leaves its input, gives the same for the same seed, and labels that sum to 1', () => {
    const augment = make({ classes: 3 });
    for (let seed = 0; seed < 50; seed++) {
      const before = structuredClone(batch);
      const result = augment(batch, seeded(seed));
      expect(batch).toEqual(before);
      expect(augment(batch, seeded(seed))).toEqual(result);
      for (let n = 0; n < 3; n++) {
        expect(result.labels.data.subarray(3 * n, 3 * n + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      }
    }
  });

  it('takes labels of its classes only', () => {
    expect(() => make({ classes: 2 })(batch, Math.random)).toThrow(/a label must be below 2, got 2/);
    const few: Batch = { ...batch, labels: Int32Array.of(0, 1) };
    expect(() => make({ classes: 3 })(few, Math.random)).toThrow(AugmentError);
    expect(() => make({ classes: 3, alpha: 0 })).toThrow(/alpha must be above 0, got 0/);
  });
});

describe('what is drawn', () => {
  // Of a beta distribution with both parameters a: mean 1/2, variance 1 / (4 (2a + 1)).
  it.each([0.2, 1, 4])('a share from the beta distribution, alpha %d', (alpha) => {
    const random = seeded(7);
    const shares = Array.from({ length: 20_000 }, () => drawMix(batch, alpha, random).share);
    const mean = shares.reduce((a, b) => a + b) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.012);
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
  });

  it('a tiny alpha still gives shares', () => {
    const random = seeded(3);
    const shares = Array.from({ length: 200 }, () => drawMix(batch, 1e-4, random).share);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(new Set(shares.map(Math.round))).toEqual(new Set([0, 1]));
  });

  it('every image is partner once', () => {
    expect(Array.from(drawMix(batch, 1, seeded(1)).partners).sort()).toEqual([0, 1, 2]);
  });

  it('a patch of 1 - share of the area', () => {
    const images = { data: new Float32Array(0), shape: [0, 100, 200, 3] } as const;
    expect(drawPatch({ ...batch, images }, 0.75, seeded(1))).toMatchObject({ height: 50, width: 100 });
  });
});
