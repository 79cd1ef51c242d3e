/** Seconds for 1,000 images of the augmented stream, without and with worker threads, as JSON. */
import { batches, datasetStatistics, shapes10 } from '@resnet/data';

const batchSize = 128;
const data = shapes10();
const { pixelMean } = await datasetStatistics(data);
const stream = {
  batchSize,
  normalize: { mean: [...pixelMean] },
  augment: { module: '@resnet/augment', export: 'cifar' },
};

async function secondsPerThousand(workers) {
  const start = performance.now();
  let images = 0;
  for await (const { labels } of batches(data, { ...stream, workers, epoch: 0 })) images += labels.length;
  return (performance.now() - start) / images; // milliseconds an image are seconds a thousand
}

await secondsPerThousand(0); // compiled by now
console.log(
  JSON.stringify({
    'data: 1,000 images': await secondsPerThousand(0),
    'data: 1,000 images, 2 workers': await secondsPerThousand(2),
  }),
);
