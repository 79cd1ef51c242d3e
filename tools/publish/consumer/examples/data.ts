import { batches, packedDataset } from '@resnet/data';

/** Makes batches of three white images in a worker thread, augmented there by `@resnet/augment`. */
export const example = async () => {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  const dataset = packedDataset({
    name: 'white',
    classes: ['a', 'b'],
    shape: [32, 32, 3],
    labels: new Uint16Array(shared(6)),
    pixels: new Uint8Array(shared(3 * 32 * 32 * 3)).fill(255),
  });
  const seen = [];
  for await (const batch of batches(dataset, { batchSize: 2, augment: 'cifar', workers: 1 })) {
    seen.push([batch.images.shape[0], Math.max(...batch.images.data)]);
  }
  return seen;
};
