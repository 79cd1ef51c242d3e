import { datasetStatistics, openSource, shapes10 } from '@resnet/data';
import { describe, expect, it } from 'vitest';
import { linearError } from './linear-model';

const bytes = (dataset: ReturnType<typeof shapes10>, i: number) => [...dataset.readSync!(i).image.data];

describe('shapes10', () => {
  it('has ten classes in turn, 10,000 images to train on and 2,000 to test with', async () => {
    const source = await openSource('shapes10');
    expect([source.kind, source.splits, source.cached]).toEqual(['shapes10', ['train', 'test'], null]);
    const test = await source.read('test');
    expect([test.length, test.shape, test.classes.length]).toEqual([2000, [32, 32, 3], 10]);
    expect(Array.from({ length: 12 }, (_, i) => test.label(i))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect([...test.classes]).toEqual([...test.classes].sort());
    await expect(source.read('val')).rejects.toThrow(/split must be train or test, got val/);
  });

  it('draws image i from (seed, split, i) alone', () => {
    const some = shapes10({ length: 20 });
    expect(bytes(some, 13)).toEqual(bytes(shapes10({ length: 14 }), 13));
    expect(bytes(some, 13)).not.toEqual(bytes(shapes10({ length: 14, seed: 1 }), 13));
    expect(bytes(some, 13)).not.toEqual(bytes(shapes10({ length: 14, split: 'test' }), 13));
    expect(bytes(some, 13)).not.toEqual(bytes(some, 3));
  });

  it('shows no class by its colors', async () => {
    const dataset = shapes10({ length: 3000 });
    const { mean } = await datasetStatistics(dataset, { prepare: (image) => image });
    const perClass = dataset.classes.map(() => [0, 0, 0]);
    for (let i = 0; i < dataset.length; i++) {
      const { image, label } = dataset.readSync!(i);
      for (const [at, value] of image.data.entries()) perClass[label]![at % 3]! += value / 255 / 1024 / 300;
    }
    // The mean of 300 images of deviation below 0.25 is within 4 · 0.25 / √300 of the whole.
    for (const found of perClass)
      for (const [c, value] of found.entries()) expect(Math.abs(value - mean[c]!)).toBeLessThan(0.058);
  });

  it('is beyond a linear model: most test images are classified wrongly', async () => {
    const error = await linearError(shapes10({ length: 3000 }), shapes10({ split: 'test', length: 1000 }));
    expect(error).toBeGreaterThan(0.8);
  });

  it('which learns at once where color tells the class', async () => {
    const colored = shapes10({ length: 500 });
    for (let i = 0; i < 500; i++)
      colored.readSync!(i).image.data.fill(255, 300 * colored.label(i), 300 * colored.label(i) + 300);
    expect(await linearError(colored, colored)).toBeLessThan(0.2);
  });

  it('refuses a length of 0', () => {
    expect(() => shapes10({ length: 0 })).toThrow(/length must be at least 1, got 0/);
  });
});
