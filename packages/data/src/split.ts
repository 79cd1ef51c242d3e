import type { Dataset } from './dataset';
import { seededRandom, shuffle } from './random';
import { subsetDataset } from './subset';

/** The ways in which `splitDataset` chooses; see `method`. */
export const SPLIT_METHODS = ['stratified', 'first'] as const;

/** How `splitDataset` chooses. */
export interface SplitOptions {
  /** How many images go to validation. The paper holds out 5,000 of CIFAR-10's 50,000 (§4.2). */
  readonly validation: number;
  /**
   * `stratified`: a seeded choice with every class in proportion. `first`: training is the first
   * `length − validation` images as they lie, validation the rest (CIFAR-10's files are shuffled; image folders are sorted by class).
   */
  readonly method?: (typeof SPLIT_METHODS)[number];
  /** For `stratified`. Default 0. */
  readonly seed?: number;
}

/** Parts a data set in two that share no image; both keep the order of the original. */
export function splitDataset(
  dataset: Dataset,
  { validation, method = 'stratified', seed = 0 }: SplitOptions,
): {
  /** What is left to learn from. */
  readonly train: Dataset;
  /** As many images as were asked for. */
  readonly validation: Dataset;
} {
  if (!Number.isInteger(validation) || validation < 1 || validation >= dataset.length) {
    throw new RangeError(`splitDataset: validation must be in 1…${dataset.length - 1}, got ${validation}.`);
  }
  const held = method === 'first' ? lastOnes(dataset.length, validation) : stratified(dataset, validation, seed);
  const indices = Array.from({ length: dataset.length }, (_, i) => i);
  return {
    train: subsetDataset(
      dataset,
      indices.filter((i) => !held.has(i)),
    ),
    validation: subsetDataset(
      dataset,
      indices.filter((i) => held.has(i)),
    ),
  };
}

const lastOnes = (length: number, count: number): Set<number> =>
  new Set(Array.from({ length: count }, (_, i) => length - count + i));

/** From each class `count · size / length` images: the floors first, then the largest remainders, lower classes winning ties. */
function stratified(dataset: Dataset, count: number, seed: number): Set<number> {
  const byClass: number[][] = dataset.classes.map(() => []);
  for (let i = 0; i < dataset.length; i++) byClass[dataset.label(i)]!.push(i);
  const shares = byClass.map((members, label) => {
    const exact = (members.length * count) / dataset.length;
    return { label, take: Math.floor(exact), remainder: exact % 1 };
  });
  const missing = count - shares.reduce((sum, { take }) => sum + take, 0);
  const largest = [...shares].sort((a, b) => b.remainder - a.remainder || a.label - b.label).slice(0, missing);
  for (const share of largest) share.take++;
  const random = seededRandom(seed, SPLIT);
  return new Set(shares.flatMap(({ label, take }) => shuffle(byClass[label]!, random).slice(0, take)));
}

/** Keeps the stream of splits apart from those of epochs and samples. */
const SPLIT = 0x5b117;
