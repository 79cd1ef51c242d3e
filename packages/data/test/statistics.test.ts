import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { batches, datasetStatistics, openDataset, packedDataset, subsetDataset } from '@resnet/data';
import { describe, expect, it } from 'vitest';
import { filesBelow, gather, png, temporaryFolder, writeTree } from './support';

/** Two images of 1×2 pixels. */
const values = [
  [10, 20, 30, 50, 60, 70],
  [30, 90, 50, 110, 70, 250],
];
const dataset = packedDataset({
  name: 'two',
  classes: ['only'],
  shape: [1, 2, 3],
  labels: new Uint16Array(new SharedArrayBuffer(4)),
  pixels: (() => {
    const pixels = new Uint8Array(new SharedArrayBuffer(12));
    pixels.set(values.flat());
    return pixels;
  })(),
});

describe('datasetStatistics', () => {
  it('are those computed by hand', async () => {
    const cacheDir = await temporaryFolder();
    const { images, pixelMean, mean, std, colors } = await datasetStatistics(dataset, { cacheDir });
    expect(images).toBe(2);
    expect(pixelMean!.map((v) => Math.round(255 * v))).toEqual([20, 55, 40, 80, 65, 160]);
    // Red 10 50 30 110: mean 50, variance (1600 + 0 + 400 + 3600) / 4; green 20 60 90 70; blue 30 70 50 250.
    expect(mean.map((v) => 255 * v)).toEqual([50, 60, 100].map((v) => expect.closeTo(v, 9)));
    expect(std.map((v) => (255 * v) ** 2)).toEqual([1400, 650, 7700].map((v) => expect.closeTo(v, 6)));
    // Eigenvalues of the covariance [[1400, 400, 3200], [400, 650, 700], [3200, 700, 7700]] / 255², by numpy.linalg.eigh.
    expect(colors.values.map((v) => v * 255 ** 2)).toEqual(
      [9115.9087617, 592.42862439, 41.66261391].map((v) => expect.closeTo(v, 4)),
    );
    const vectors = [
      [0.38554729, -0.13119986, 0.91331259],
      [0.09411065, -0.97908507, -0.18037628],
      [0.91787607, 0.15549602, -0.36513629],
    ];
    // By the sign's rule the largest part of each is positive: of the second, green's.
    const signs = [1, -1, 1];
    expect(colors.vectors).toEqual(vectors.map((row) => row.map((v, i) => expect.closeTo(v * signs[i]!, 6))));
  });

  it('are kept under the data’s fingerprint, and read again', async () => {
    const cacheDir = await temporaryFolder();
    const computed = await datasetStatistics(dataset, { cacheDir });
    const kept = await filesBelow(cacheDir);
    expect(kept.length).toBe(1);
    const json = JSON.stringify({ ...computed, images: 77 });
    const sha256 = createHash('sha256').update(json).digest('hex');
    await writeTree(cacheDir, { [kept[0]!]: `${sha256}\n${json}` });
    expect((await datasetStatistics(dataset, { cacheDir })).images).toBe(77);
    expect((await datasetStatistics(subsetDataset(dataset, [0]), { cacheDir })).images).toBe(1);
    for (const damaged of ['{"half', `${sha256}\n${json.replace('77', '76')}`]) {
      await writeTree(cacheDir, { [kept[0]!]: damaged });
      expect(await datasetStatistics(dataset, { cacheDir })).toEqual(computed);
    }
  });

  it('fit normalize: what comes out has mean 0 and deviation 1', async () => {
    const { mean, std, pixelMean } = await datasetStatistics(dataset, { cacheDir: await temporaryFolder() });
    const [byChannel] = await gather(batches(dataset, { batchSize: 2, normalize: { mean, std } }));
    const { data } = byChannel!.images;
    for (let c = 0; c < 3; c++) {
      const channel = data.filter((_, i) => i % 3 === c);
      expect(channel.reduce((a, b) => a + b)).toBeCloseTo(0, 5);
      expect(channel.reduce((a, b) => a + b * b, 0) / 4).toBeCloseTo(1, 5);
    }
    const [byPixel] = await gather(batches(dataset, { batchSize: 2, normalize: { mean: pixelMean! } }));
    for (let i = 0; i < 6; i++) expect(byPixel!.images.data[i]! + byPixel!.images.data[i + 6]!).toBeCloseTo(0, 6);
  });

  it('of images of varying size have a mean image only once they are cropped', async () => {
    const root = await writeTree(await temporaryFolder(), {
      'a/0.png': await png([10, 20, 30], 4, 6),
      'b/0.png': await png([30, 40, 50], 5, 3),
    });
    const cacheDir = join(root, '.cache');
    const found = await openDataset(root, { cacheDir });
    const plain = await datasetStatistics(found, { cacheDir });
    expect(plain.pixelMean).toBeNull();
    // 24 pixels of 10 and 15 of 30.
    expect(255 * plain.mean[0]!).toBeCloseTo((24 * 10 + 15 * 30) / 39, 9);
    const prepare = { module: '@resnet/augment', export: 'randomCrop', options: { size: 3 } };
    const { pixelMean } = await datasetStatistics(found, { cacheDir, prepare });
    expect(pixelMean!.length).toBe(27);
    expect(255 * pixelMean![0]!).toBeCloseTo(20, 9);
  });

  it('can be taken from some of the images, evenly spread', async () => {
    const { images, mean } = await datasetStatistics(dataset, { images: 1, cacheDir: await temporaryFolder() });
    expect([images, Math.round(255 * mean[0]!)]).toEqual([1, 30]);
  });
});
