import type { Random } from './image';

/** A whole number from `low` up to `high`, both included. */
export const whole = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

/** A number in [low, high). */
export const between = (random: Random, low: number, high: number): number => low + random() * (high - low);
