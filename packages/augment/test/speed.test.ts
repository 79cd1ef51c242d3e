import { augmentInto, cifar, type Image, normalizer } from '@resnet/augment';
import { expect, it } from 'vitest';
import { seeded } from './golden';

/** Images a second in the best of ten short rounds, so that what else the machine does matters little. */
function throughput(options: Parameters<typeof augmentInto>[2]): number {
  const image: Image = { data: new Uint8Array(3072).fill(9), height: 32, width: 32, channels: 3 };
  const batch = new Float32Array(128 * 3072);
  const random = seeded(1);
  const rounds = Array.from({ length: 10 }, () => {
    const start = performance.now();
    for (let i = 0; i < 1280; i++) augmentInto(image, random, options, batch, (i % 128) * 3072);
    return performance.now() - start;
  });
  return 1_280_000 / Math.min(...rounds);
}

it('crops, mirrors and subtracts the per-pixel mean of 20,000 CIFAR images a second on one core', () => {
  const rate = throughput({
    augment: cifar(),
    normalizer: normalizer({ mean: new Float32Array(3072).fill(0.4) }),
  });
  expect(rate).toBeGreaterThan(20_000);
});
