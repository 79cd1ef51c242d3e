import type { SimdBackend } from '../backend';
import type { Block } from '../pool';
import { vectors } from '../rows';

/** What the factors of a·x + b by channel are made of; what is left out counts as 1 or 0. */
interface Normalization {
  mean?: Block;
  variance?: Block;
  scale?: Block;
  offset?: Block;
  epsilon?: number;
}

/** A block with a = scale / √(variance + ε) and b = offset − mean·a, each padded with zeros to whole vectors. It belongs to the caller. */
export function channelFactors(backend: SimdBackend, channels: number, given: Normalization): Block {
  const { mean, variance, scale, offset, epsilon = 0 } = given;
  const factors = backend.temporary(vectors(channels) * 8, 'factors by channel');
  const pointers = { mean: mean?.pointer, variance: variance?.pointer, scale: scale?.pointer, offset: offset?.pointer };
  const args = { factors: factors.pointer, ...pointers, channels, epsilon };
  backend.runtime.run('ChannelFactors', args, { label: 'channel factors', chunks: 1 });
  return factors;
}
