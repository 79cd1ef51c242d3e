#!/usr/bin/env node
// How fast a data set is imported and batched, as one line of JSON.
//
//   node packages/data/bench/throughput.mjs PATH [epochs]
//
// For one core alone: taskset -c 0 node …
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batches, datasetStatistics, openDataset } from '@resnet/data';

const [path, epochs = '3'] = process.argv.slice(2);
if (!path) throw new Error('throughput: a data set must be given, got none. Pass the path of an archive or folder.');
const cacheDir = await mkdtemp(join(tmpdir(), 'resnet-bench-'));

const seconds = async (work) => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

/** Images a second over the best of some epochs of at most `limit` batches. */
const rate = async (dataset, options, rounds, limit = Number.POSITIVE_INFINITY) => {
  let best = 0;
  for (let epoch = 0; epoch < rounds; epoch++) {
    let images = 0;
    let count = 0;
    const elapsed = await seconds(async () => {
      for await (const { labels } of batches(dataset, { batchSize: 128, epoch, ...options })) {
        images += labels.length;
        if (++count === limit) break;
      }
    });
    best = Math.max(best, images / elapsed);
  }
  return Math.round(best);
};

try {
  let dataset;
  const importSeconds = await seconds(async () => {
    dataset = await openDataset(path, { cacheDir });
  });
  const openSeconds = await seconds(() => openDataset(path, { cacheDir }));
  const { pixelMean } = await datasetStatistics(dataset, { cacheDir });
  const options = { augment: 'cifar', ...(pixelMean && { normalise: { mean: pixelMean } }) };
  const rounds = Number(epochs);
  const packed = { 'no workers': await rate(dataset, options, rounds) };
  for (const workers of [1, 2]) packed[`${workers} workers`] = await rate(dataset, { ...options, workers }, rounds);
  const files = await openDataset(path, { cacheDir: join(cacheDir, 'files'), maxPackedBytes: 0 });
  const decoded = { 'no workers': await rate(files, options, 1, 60) };
  for (const workers of [1, 2]) decoded[`${workers} workers`] = await rate(files, { ...options, workers }, 1, 60);
  const round = (value) => Number(value.toFixed(2));
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    JSON.stringify({
      images: dataset.length,
      importSeconds: round(importSeconds),
      openSeconds: round(openSeconds),
      imagesPerSecond: { packed, decoded },
      peakRssMb: memory,
    }),
  );
} finally {
  await rm(cacheDir, { recursive: true, force: true });
}
