import { chunksOf } from './kernel';

/** Rows of channels, and the rows that a chunk takes: about 64 KiB. Fixed by the shape, so that sums do not depend on the threads. */
export function rowsOf(shape: readonly number[]): { rows: number; channels: number; block: number; chunks: number } {
  const channels = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const block = Math.max(1, Math.floor(16_384 / channels));
  return { rows, channels, block, chunks: chunksOf(rows, block) };
}

/** Channels rounded up to whole vectors. */
export const vectors = (channels: number): number => Math.ceil(channels / 4) * 4;
