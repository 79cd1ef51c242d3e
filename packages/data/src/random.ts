import type { Random } from '@resnet/augment';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** Murmur3's finalizer: every input bit changes about half of the output bits. */
function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A generator for one place in training: xoroshiro128+ whose 128 bits of state are a hash of all of `key`, so that
 * neighboring seeds, epochs and samples share nothing.
 *
 * @param key Integers, such as seed, epoch and sample.
 * @returns Uniform numbers in [0, 1), multiples of 2⁻³².
 */
export function seededRandom(...key: readonly number[]): Random {
  const word = (salt: number) => key.reduce((h, part) => mix(h + mix(part + 0x9e3779b9)), mix(salt));
  const generator = xoroshiro128plusFromState([word(1), word(2), word(3), word(4) || 1]);
  return () => (generator.next() >>> 0) / 0x1_0000_0000;
}

/** Shuffles in place (Fisher–Yates) and returns its argument. */
export function shuffle<T extends Int32Array | number[]>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = items[i]!;
    items[i] = items[j]!;
    items[j] = kept;
  }
  return items;
}
