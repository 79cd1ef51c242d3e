import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openSource } from '@resnet/data';
import { expect, it } from 'vitest';
import { filesBelow, temporaryFolder } from './support';

// Real CIFAR-10 as JPEG files: RESNET_TEST_DATA names the folder, else it is looked for beside the repository.
const folder = process.env.RESNET_TEST_DATA ?? resolve(import.meta.dirname, '../../../../shared/data');
const archive = join(folder, 'cifar10-jpeg.tar.gz');

it.skipIf(!existsSync(archive))(
  'CIFAR-10 as JPEG files is imported whole, with the pixels that Pillow reads',
  async () => {
    const cacheDir = await temporaryFolder();
    const { classes, read } = await openSource(archive, { cacheDir });
    expect(classes).toEqual(['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']);
    // SHA-256 over `Image.open(file).convert('RGB').tobytes()` of all files in the order of their paths, by Pillow 9.4.
    const expected = [
      ['train', 50_000, 'bf3aabd52be912dae02a0435296c4dab5289524b57f55cd162dc4796935a611b'],
      ['test', 10_000, '5a6aa8185204d80b65d3dfb540696dadd5f10d185ded226a96665d3e0fc6259f'],
    ] as const;
    for (const [split, length, sha256] of expected) {
      const dataset = await read(split);
      const perClass = Array<number>(10).fill(0);
      const hash = createHash('sha256');
      for (let i = 0; i < dataset.length; i++) {
        const { image, label } = dataset.readSync!(i);
        perClass[label]!++;
        hash.update(image.data);
      }
      expect(dataset.shape).toEqual([32, 32, 3]);
      expect(perClass).toEqual(Array(10).fill(length / 10));
      expect(hash.digest('hex')).toBe(sha256);
    }
    expect((await filesBelow(cacheDir)).length).toBe(1);
  },
  180_000,
);
