import { TrainError } from './errors';
import type { Evaluation } from './events';

/** What is measured over images, apart from the time it took. */
export type Scores = Omit<Evaluation, 'seconds'>;

/** Sums of what an evaluation measures, in float64. */
export interface ScoreSums {
  /** Takes in logits and probabilities, both `[n, classes]`. */
  add(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): void;
  /** Means over the images so far. */
  result(): Scores;
  /** The sums themselves, to be added to those of other processes. */
  totals(): readonly number[];
  /** Goes on from other sums. */
  replace(totals: readonly number[]): void;
}

/** Counts in plain JavaScript: equal logits give equal results on every backend. */
export function scoreSums(): ScoreSums {
  const { add, ...rest } = tally();
  return {
    ...rest,
    add: (logits, labels, classes) => {
      for (let start = 0; start < logits.length; start += classes) {
        const label = largest(labels, start, classes);
        add(rankOf(logits, start, classes, label), crossEntropy(logits, labels, start, classes));
      }
    },
  };
}

/** A classifier's answer for one image. */
export interface ScoredLabel {
  /** Index of the true class. */
  readonly label: number;
  /** Probabilities by class, summing to 1. */
  readonly probabilities: ArrayLike<number>;
}

/**
 * Measures probabilities, such as averages over several views of an image, as `evaluate` measures logits: a tie counts for
 * the lower index, and the loss is the mean −log of the true class's probability, at most 744 for an image.
 *
 * @throws TrainError for no image, and for a label that has no probability.
 */
export function scoreProbabilities(scored: readonly ScoredLabel[]): Scores {
  if (scored.length === 0) {
    throw new TrainError(
      'scoreProbabilities: there must be at least one image, got none. Check the data and its split.',
    );
  }
  const { add, result } = tally();
  for (const { label, probabilities } of scored) {
    const own = probabilities[label];
    if (own === undefined) {
      throw new TrainError(
        `scoreProbabilities: a label must be a class index from 0 to ${probabilities.length - 1}, got ${label}. ` +
          'Score images of the classes trained on.',
      );
    }
    add(rankOf(probabilities, 0, probabilities.length, label), -Math.log(Math.max(own, Number.MIN_VALUE)));
  }
  return result();
}

/** Counts images by the rank of their true class, and sums losses. */
function tally() {
  let [images, loss, wrong, wrong5] = [0, 0, 0, 0];
  return {
    add: (rank: number, ownLoss: number): void => {
      images += 1;
      loss += ownLoss;
      wrong += rank >= 1 ? 1 : 0;
      wrong5 += rank >= 5 ? 1 : 0;
    },
    totals: () => [images, loss, wrong, wrong5],
    replace: (totals: readonly number[]): void => {
      [images = 0, loss = 0, wrong = 0, wrong5 = 0] = totals;
    },
    result: (): Scores => ({ images, loss: loss / images, error: wrong / images, top5Error: wrong5 / images }),
  };
}

function largest(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i += 1) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** How many classes come before `label`: a tie goes to the lower index, NaN comes first so that it is never right. */
function rankOf(scores: ArrayLike<number>, start: number, classes: number, label: number): number {
  const own = scores[start + label]!;
  if (Number.isNaN(own)) return classes;
  let rank = 0;
  for (let i = 0; i < classes; i += 1) {
    const other = scores[start + i]!;
    if (i !== label && (!(other <= own) || (other === own && i < label))) rank += 1;
  }
  return rank;
}

function crossEntropy(logits: ArrayLike<number>, labels: ArrayLike<number>, start: number, classes: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < classes; i += 1) highest = Math.max(highest, logits[start + i]!);
  let sum = 0;
  for (let i = 0; i < classes; i += 1) sum += Math.exp(logits[start + i]! - highest);
  const logSum = highest + Math.log(sum);
  let loss = 0;
  for (let i = 0; i < classes; i += 1) {
    const p = labels[start + i]!;
    if (p !== 0) loss += p * (logSum - logits[start + i]!);
  }
  return loss;
}
