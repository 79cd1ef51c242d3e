import { type Augment, cifar } from '@resnet/augment';
import { type BatchOptions, batches, type Dataset, packedDataset, shapes10, subsetDataset } from '@resnet/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather } from './support';

/** `length` images of 4×4 whose every byte is the image's index; label `index mod 3`. */
function numbered(length: number): Dataset {
  const pixels = new Uint8Array(new SharedArrayBuffer(length * 48));
  const labels = new Uint16Array(new SharedArrayBuffer(length * 2));
  for (let i = 0; i < length; i++) pixels.fill(i, i * 48, (i + 1) * 48);
  for (let i = 0; i < length; i++) labels[i] = i % 3;
  return packedDataset({ name: 'numbered', classes: ['a', 'b', 'c'], shape: [4, 4, 3], labels, pixels });
}

/** Which images came, in order. */
const indices = async (dataset: Dataset, options: BatchOptions): Promise<number[][]> =>
  (await gather(batches(dataset, options))).map(({ images }) =>
    Array.from(
      images.data.filter((_, i) => i % 48 === 0),
      (value) => Math.round(value * 255),
    ),
  );

describe('batches', () => {
  it('draws as many images of each class where balanced, all of a small one before any comes twice', async () => {
    // Of 20 images, 2 are of class b and 3 of class c.
    const dataset = subsetDataset(numbered(60), [...Array(15).keys()].map((i) => 3 * i).concat([1, 4], [2, 5, 8]));
    for (const epoch of [0, 1]) {
      const drawn = (await indices(dataset, { batchSize: 7, balanced: true, epoch })).flat();
      expect(drawn).toHaveLength(20);
      const ofClass = [0, 1, 2].map((label) => drawn.filter((i) => i % 3 === label));
      expect(ofClass.map(({ length }) => length).sort()).toEqual([6, 7, 7]);
      expect(new Set(ofClass[0]).size).toBe(ofClass[0]!.length);
      expect(new Set(ofClass[1])).toEqual(new Set([1, 4]));
      const counts = [2, 5, 8].map((image) => ofClass[2]!.filter((i) => i === image).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
    const [once, again, other] = await Promise.all(
      [{ epoch: 0 }, { epoch: 0 }, { epoch: 1 }].map((key) =>
        indices(dataset, { batchSize: 20, balanced: true, ...key }),
      ),
    );
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(() => batches(dataset, { batchSize: 7, balanced: true, shuffle: false })).toThrow(/balanced must go with/);
  });

  it('yields images in [0, 1], channels last, with their labels', async () => {
    const all = await gather(batches(numbered(5), { batchSize: 2, shuffle: false }));
    expect(all.map(({ images }) => images.shape)).toEqual([
      [2, 4, 4, 3],
      [2, 4, 4, 3],
      [1, 4, 4, 3],
    ]);
    expect(all.map(({ labels }) => [...labels])).toEqual([[0, 1], [2, 0], [1]]);
    expect(all[1]!.images.data[48]).toBe(Math.fround(3 / 255));
  });

  it('yields every image once in an epoch, in another order in every epoch and seed', async () => {
    const dataset = numbered(100);
    const orders = await Promise.all(
      [{}, { epoch: 1 }, { seed: 1 }].map(async (key) => (await indices(dataset, { batchSize: 8, ...key })).flat()),
    );
    for (const order of orders)
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(new Set(orders.map(String)).size).toBe(3);
  });

  it('can drop a short last batch, and knows its length', async () => {
    const dataset = numbered(10);
    expect((await indices(dataset, { batchSize: 4, drop: true })).map(({ length }) => length)).toEqual([4, 4]);
    expect(batches(dataset, { batchSize: 4, drop: true }).length).toBe(2);
    expect(batches(dataset, { batchSize: 4 }).length).toBe(3);
    expect(batches(dataset, { batchSize: 4, firstBatch: 2 }).length).toBe(1);
    expect(await indices(dataset, { batchSize: 4, firstBatch: 7 })).toEqual([]);
  });

  it('starting at batch k yields what an epoch from the start yields from there', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          length: fc.integer({ min: 1, max: 40 }),
          batchSize: fc.integer({ min: 1, max: 9 }),
          seed: fc.nat(),
          epoch: fc.nat(500),
          k: fc.nat(10),
          shuffle: fc.boolean(),
        }),
        async ({ length, k, ...options }) => {
          const augmented = { ...options, augment: cifar() };
          const all = await gather(batches(numbered(length), augmented));
          expect(await gather(batches(numbered(length), { ...augmented, firstBatch: k }))).toEqual(all.slice(k));
        },
      ),
      { numRuns: 40 },
    ));

  it('augments each image by (seed, epoch, image) alone: the same whatever the batch it lies in', async () => {
    const dataset = shapes10({ length: 30 });
    const options = { augment: 'cifar', shuffle: false, seed: 3, epoch: 2 };
    const flat = async (batchSize: number) =>
      (await gather(batches(dataset, { ...options, batchSize }))).flatMap(({ images }) => [...images.data]);
    expect(await flat(7)).toEqual(await flat(30));
    expect(await flat(7)).not.toEqual(
      (await gather(batches(dataset, { ...options, batchSize: 30, epoch: 3 })))[0]!.images.data,
    );
  });

  it('normalizes by channel and by pixel', async () => {
    const dataset = numbered(256);
    const one = subsetDataset(dataset, [51]); // 51 / 255 = 0.2
    const [byChannel] = await gather(
      batches(one, { batchSize: 1, normalize: { mean: [0.1, 0.2, 0.3], std: [0.5, 1, 0.25] } }),
    );
    for (const [channel, value] of [0.2, 0, -0.4].entries()) {
      expect(byChannel!.images.data[3 + channel]).toBeCloseTo(value, 6);
    }
    const mean = Float32Array.from({ length: 48 }, (_, i) => i / 100);
    const [byPixel] = await gather(batches(one, { batchSize: 1, normalize: { mean } }));
    for (const [i, value] of byPixel!.images.data.entries()) expect(value).toBeCloseTo(0.2 - i / 100, 6);
  });

  it('leaves the data set untouched, whatever is augmented', async () => {
    const dataset = numbered(20);
    const before = Array.from({ length: 20 }, (_, i) => [...dataset.readSync!(i).image.data]);
    await gather(batches(dataset, { batchSize: 3, augment: 'cifar', normalize: { mean: [0.5, 0.5, 0.5] } }));
    expect(Array.from({ length: 20 }, (_, i) => [...dataset.readSync!(i).image.data])).toEqual(before);
  });

  it('takes a data set of one’s own, in step with its consumer', async () => {
    let reads = 0;
    const own: Dataset = {
      length: 100,
      classes: ['only'],
      shape: [1, 1, 1],
      label: () => 0,
      read: async (i) => {
        reads++;
        return { image: { data: Uint8Array.of(i), height: 1, width: 1, channels: 1 }, label: 0 };
      },
    };
    const iterator = batches(own, { batchSize: 10, prefetch: 2 })[Symbol.asyncIterator]();
    expect(reads).toBe(0);
    await iterator.next();
    await new Promise(setImmediate);
    expect(reads).toBe(30); // the one in hand and two ahead
    await iterator.return?.();
    expect(reads).toBe(30);
  });

  it('refuses images of two sizes, naming one', async () => {
    const grow: Augment = (image, random) =>
      random() < 0.5 ? image : { data: new Uint8Array(75), height: 5, width: 5, channels: 3 };
    await expect(gather(batches(numbered(40), { batchSize: 40, augment: grow }))).rejects.toThrow(/one size|must fit/);
    const shrink: Augment = (image, random) =>
      random() < 0.5 ? image : { data: new Uint8Array(27), height: 3, width: 3, channels: 3 };
    await expect(gather(batches(numbered(40), { batchSize: 40, augment: shrink }))).rejects.toThrow(/one size/);
  });

  it.each([
    [{ batchSize: 0 }, /batchSize must be at least 1, got 0/],
    [{ batchSize: 2.5 }, /batchSize/],
    [{ batchSize: 2, epoch: -1 }, /epoch must be an integer from 0, got -1/],
    [{ batchSize: 2, workers: 0.5 }, /workers/],
    [{ batchSize: 2, workers: 1, augment: cifar() }, /augment must be a recipe's name/],
  ] as [BatchOptions, RegExp][])('refuses %j', (options, message) => {
    expect(() => batches(numbered(4), options)).toThrow(message);
  });

  it('refuses a recipe that does not exist, and a mean of another shape', async () => {
    await expect(gather(batches(numbered(4), { batchSize: 2, augment: 'nonsense' }))).rejects.toThrow(
      /has no nonsense/,
    );
    await expect(gather(batches(numbered(4), { batchSize: 2, normalize: { mean: [0, 0] } }))).rejects.toThrow(/mean/);
  });
});
