import { batches, shapes10 } from '@resnet/data';
import { describe, expect, it } from 'vitest';

const dataset = shapes10({ length: 53, seed: 1 });
const options = { batchSize: 16, seed: 3, epoch: 2, augment: 'cifar' } as const;

async function made(more: object) {
  const all = [];
  for await (const batch of batches(dataset, { ...options, ...more })) all.push(batch);
  return all;
}

/** Their bytes as text, which compares quickly. */
const pixels = (batches: Awaited<ReturnType<typeof made>>) =>
  batches.map(({ images }) => Buffer.from(images.data.buffer).toString('base64'));

describe('a share of batches', () => {
  // 53 = 3 · 16 + 5: the last batch is short, and with 8 processes some have none of it.
  it.each([1, 2, 3, 4, 8])(
    'is that of one of %i processes, all of which together have the whole batches, byte for byte',
    async (size) => {
      const whole = await made({});
      const ranks = await Promise.all(Array.from({ length: size }, (_, rank) => made({ share: { rank, size } })));
      for (const [k, { images, labels, index }] of whole.entries()) {
        const parts = ranks.map((batches) => batches[k]!);
        expect(parts.map((part) => part.index)).toEqual(parts.map(() => index));
        expect(parts.map(({ part }) => part!.of)).toEqual(parts.map(() => labels.length));
        const counted = parts.filter(({ part }) => part!.images > 0);
        expect(counted.flatMap((part) => [...part.labels])).toEqual([...labels]);
        const bytes = Buffer.concat(counted.map((part) => Buffer.from(part.images.data.buffer)));
        expect(bytes.equals(Buffer.from(images.data.buffer))).toBe(true);
        for (const { labels: own, part } of parts) expect(own.length).toBe(Math.max(1, part!.images));
        const sizes = parts.map(({ part }) => part!.images);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    },
  );

  it('is the same from workers, and from the middle of an epoch on', async () => {
    const share = { rank: 1, size: 3 };
    const all = await made({ share });
    expect(pixels(await made({ share, workers: 1 }))).toEqual(pixels(all));
    expect(pixels(await made({ share, firstBatch: 2 }))).toEqual(pixels(all.slice(2)));
  });

  it('refuses a rank that is not below the size, and skipping broken images, which leaves parts without a weight', () => {
    expect(() => batches(dataset, { ...options, share: { rank: 2, size: 2 } })).toThrow(
      'share must be a rank from 0 below its size, got 2 of 2',
    );
    expect(() => batches(dataset, { ...options, share: { rank: 0, size: 2 }, onBrokenImage: 'skip' })).toThrow(
      "onBrokenImage must be 'stop' with a share",
    );
  });
});
