import { readFileSync } from 'node:fs';

/** What `fixtures/pytorch.py` recorded; see there. */
export interface Recorded {
  shapes: number[][];
  rates: number[];
  initial: number[][];
  /** By step, by variable. */
  gradients: number[][][];
  sgd: Record<'plain' | 'paper' | 'strong decay' | 'nesterov' | 'skips 1d', number[][][]>;
  adamw: Record<'default' | 'tuned', number[][][]>;
  clipped: Record<'1' | '100', { norm: number; gradients: number[][] }[]>;
  crossEntropy: Record<'plain' | 'smoothed' | 'soft labels' | 'soft smoothed', LossAndGradient> & {
    logits: number[];
    shape: [number, number];
    classes: number[];
    soft: number[];
  };
}

interface LossAndGradient {
  losses: number[];
  gradient: number[];
}

export const recorded: Recorded = JSON.parse(readFileSync(new URL('./fixtures/pytorch.json', import.meta.url), 'utf8'));

/** The largest difference between two lists of the same length. */
export const difference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < actual.length; i += 1) {
    const d = Math.abs(actual[i]! - expected[i]!);
    if (!(d <= largest)) largest = d;
  }
  return largest;
};
