import { type Dataset, shapes10, splitDataset, subsetDataset } from '@resnet/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Twelve images, ten of class 0 and two of class 1; image `i` is the byte `i`. */
const uneven: Dataset = {
  length: 12,
  classes: ['many', 'few'],
  shape: [1, 1, 1],
  label: (i) => (i % 6 === 5 ? 1 : 0),
  read: async (i) => ({
    image: { data: Uint8Array.of(i), height: 1, width: 1, channels: 1 },
    label: i % 6 === 5 ? 1 : 0,
  }),
};
const ids = async (dataset: Dataset) =>
  Promise.all(Array.from({ length: dataset.length }, async (_, i) => (await dataset.read(i)).image.data[0]!));

describe('splitDataset', () => {
  it('parts every image to one side, each class in proportion', async () => {
    const { train, validation } = splitDataset(uneven, { validation: 6 });
    const [kept, held] = [await ids(train), await ids(validation)];
    expect([...kept, ...held].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    const labels = Array.from({ length: 6 }, (_, i) => validation.label(i));
    expect(labels.filter((label) => label === 1).length).toBe(1);
  });

  it('holds out the paper’s 5,000 as 500 of each class', () => {
    const { train, validation } = splitDataset(shapes10({ length: 500 }), { validation: 50, seed: 1 });
    const count = (dataset: Dataset) => {
      const perClass = Array<number>(10).fill(0);
      for (let i = 0; i < dataset.length; i++) perClass[dataset.label(i)]!++;
      return perClass;
    };
    expect(count(validation)).toEqual(Array(10).fill(5));
    expect(count(train)).toEqual(Array(10).fill(45));
  });

  it('depends on its seed alone', async () => {
    const held = async (seed: number) => ids(splitDataset(uneven, { validation: 4, seed }).validation);
    expect(await held(1)).toEqual(await held(1));
    const all = await Promise.all([0, 1, 2, 3].map(held));
    expect(new Set(all.map(String)).size).toBeGreaterThan(1);
  });

  it('by `first` trains on the first and holds out the rest', async () => {
    const { train, validation } = splitDataset(uneven, { validation: 4, method: 'first' });
    expect(await ids(train)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await ids(validation)).toEqual([8, 9, 10, 11]);
  });

  it('holds out exactly as many as told, whatever the classes', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 2, maxLength: 60 }), fc.nat(), fc.nat(), (labels, part, seed) => {
        const dataset = { ...uneven, length: labels.length, classes: [...'abcde'], label: (i: number) => labels[i]! };
        const validation = 1 + (part % (labels.length - 1));
        const parts = splitDataset(dataset, { validation, seed });
        expect([parts.validation.length, parts.train.length]).toEqual([validation, labels.length - validation]);
      }),
    ));

  it.each([0, 12, 1.5])('refuses to hold out %d of 12', (validation) => {
    expect(() => splitDataset(uneven, { validation })).toThrow(/validation must be in 1…11/);
  });
});

describe('subsetDataset', () => {
  it('has the images told, in that order', async () => {
    expect(await ids(subsetDataset(uneven, [7, 0, 7]))).toEqual([7, 0, 7]);
    expect(subsetDataset(uneven, [5]).label(0)).toBe(1);
    expect(await ids(subsetDataset(subsetDataset(uneven, [7, 0, 5]), [2, 1]))).toEqual([5, 0]);
  });

  it.each([12, -1, 0.5])('refuses index %d of 12', (index) => {
    expect(() => subsetDataset(uneven, [index])).toThrow(/indices must be below 12/);
  });

  it('has a fingerprint of its own', async () => {
    const whole = shapes10({ length: 10 });
    const name = async (indices: number[]) => subsetDataset(whole, indices).fingerprint?.();
    expect(await name([1, 2])).toBe(await name([1, 2]));
    expect(await name([1, 2])).not.toBe(await name([2, 1]));
  });
});
