import { util } from '@tensorflow/tfjs-core';

/** A tensor as rows of channels, its last axis. */
export function rowsOf(shape: readonly number[]): { rows: number; channels: number } {
  const channels = shape.at(-1) ?? 1;
  return { rows: channels === 0 ? 0 : util.sizeFromShape([...shape]) / channels, channels };
}
