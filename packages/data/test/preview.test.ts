import { previewDataset, shapes10 } from '@resnet/data';
import sharp from 'sharp';
import { expect, it } from 'vitest';

/** The pixels of a PNG and a way to look at one. */
async function look(png: Buffer) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  return { ...info, at };
}

it('draws each class’s original, three times as large, beside its augmented samples', async () => {
  const dataset = shapes10({ length: 40 });
  const grid = await look(await previewDataset(dataset, { augment: 'cifar', rows: 3, samples: 2 }));
  // Columns of 96 and a gap of 4 after the labels; rows the same, below the heading.
  const [left, top] = [grid.width - 3 * 100, grid.height - 3 * 100];
  expect(left).toBeGreaterThan(0);
  for (const row of [0, 1, 2]) {
    const { data } = dataset.readSync!(row).image;
    expect(grid.at(left + 3 * 20 + 1, top + row * 100 + 3 * 9 + 1)).toEqual([
      ...data.subarray((9 * 32 + 20) * 3, (9 * 32 + 20) * 3 + 3),
    ]);
  }
  const ink = (x0: number, x1: number, y0: number, y1: number) => {
    let count = 0;
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) if (grid.at(x, y)[0] === 40) count++;
    return count;
  };
  expect(ink(0, left, top, top + 96)).toBeGreaterThan(50); // the class's name
  expect(ink(left, grid.width, 0, top)).toBeGreaterThan(50); // the headings
});

it('shows in sample n what training sees in epoch n', async () => {
  const dataset = shapes10({ length: 10 });
  const one = await previewDataset(dataset, { augment: 'cifar', rows: 1, samples: 2 });
  expect(one.equals(await previewDataset(dataset, { augment: 'cifar', rows: 1, samples: 2 }))).toBe(true);
  expect(one.equals(await previewDataset(dataset, { augment: 'cifar', rows: 1, samples: 2, seed: 1 }))).toBe(false);
});

it('refuses a picture too large to draw, with its size and the limit', async () => {
  const dataset = shapes10({ length: 40 });
  await expect(previewDataset(dataset, { augment: 'cifar', rows: 100_000, samples: 100_000 })).rejects.toThrow(
    /^previewDataset: the picture must have at most 100000000 pixels, got 100\d{5} × 40\d\d for 40 rows of 100000 samples\. Ask/,
  );
});

it.each(['png', 'jpeg', 'webp'] as const)('writes %s', async (format) => {
  const picture = await previewDataset(shapes10({ length: 10 }), { rows: 1, samples: 0, format });
  expect((await sharp(picture).metadata()).format).toBe(format);
});
