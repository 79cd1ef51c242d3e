import type { SimdBackend } from '../backend';
import type { Block } from '../pool';
import { vectors } from '../rows';

/** A block with a and b of `of(channel)`, each padded with zeros to whole vectors. It belongs to the caller. */
export function channelFactors(
  backend: SimdBackend,
  channels: number,
  of: (channel: number) => [a: number, b: number],
): Block {
  const gap = vectors(channels);
  const block = backend.temporary(gap * 8, 'factors by channel');
  const values = backend.floats(block, gap * 2).fill(0);
  for (let i = 0; i < channels; i++) [values[i], values[gap + i]] = of(i);
  return block;
}
