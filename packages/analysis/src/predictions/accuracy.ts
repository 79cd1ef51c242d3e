import { checkScored, type ScoredImage } from './scored';

/** Averages over images. */
export interface Accuracy {
  /** How many were averaged. */
  images: number;
  /** Share whose true class has the highest probability; a tie counts for the lower index. */
  top1: number;
  /** Share whose true class is among the five highest. */
  top5: number;
  /** Mean −log of the true class's probability, in nats. */
  loss: number;
}

/**
 * Measures a classifier by what it said of each image.
 *
 * @throws AnalysisError for no image, and for a label that has no probability.
 */
export function accuracy(scored: readonly ScoredImage[]): Accuracy {
  checkScored('accuracy', scored);
  let [top1, top5, loss] = [0, 0, 0];
  for (const { label, probabilities } of scored) {
    const rank = rankOf(label, probabilities);
    top1 += rank < 1 ? 1 : 0;
    top5 += rank < 5 ? 1 : 0;
    loss -= Math.log(Math.max(probabilities[label]!, Number.MIN_VALUE));
  }
  const images = scored.length;
  return { images, top1: top1 / images, top5: top5 / images, loss: loss / images };
}

/** How many classes stand before `label`. */
function rankOf(label: number, probabilities: ArrayLike<number>): number {
  const own = probabilities[label]!;
  let before = 0;
  for (let k = 0; k < probabilities.length; k++) {
    if (probabilities[k]! > own || (probabilities[k] === own && k < label)) before++;
  }
  return before;
}
