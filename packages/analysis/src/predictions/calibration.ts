import { AnalysisError } from '../analysis-error';
import { argMax, checkScored, type ScoredImage } from './scored';

/** The images whose highest probability fell into one interval. */
export interface CalibrationBin {
  /** Confidence it begins above, 0…1; the first bin holds 0, too. */
  low: number;
  /** Confidence it ends at, 0…1, included. */
  high: number;
  /** How many fell into it. */
  images: number;
  /** Mean highest probability; NaN in an empty bin, as is `accuracy`. */
  confidence: number;
  /** Share of them classified correctly. */
  accuracy: number;
}

/** A reliability diagram and its one-number summary. */
export interface Calibration {
  /** From the lowest confidence to the highest, empty ones included. */
  bins: CalibrationBin[];
  /** Expected calibration error: Σ |accuracy − confidence| weighted by images (Guo et al. 2017, §2). */
  expectedError: number;
}

/**
 * Compares how sure a classifier is with how often it is right, in `count` intervals of equal width.
 *
 * @throws AnalysisError for no image, a label that has no probability, and a `count` that is not whole and above 0.
 */
export function calibration(scored: readonly ScoredImage[], count = 15): Calibration {
  checkScored('calibration', scored);
  if (!Number.isInteger(count) || count < 1) {
    throw new AnalysisError(`calibration: count must be a whole number from 1, got ${count}. Try 15.`);
  }
  const sums = Array.from({ length: count }, () => ({ images: 0, confidence: 0, correct: 0 }));
  for (const { label, probabilities } of scored) {
    const predicted = argMax(probabilities);
    const confidence = probabilities[predicted]!;
    // Intervals are open below: a confidence of exactly k/count belongs to the lower one.
    const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(confidence * count) - 1))]!;
    bin.images += 1;
    bin.confidence += confidence;
    bin.correct += predicted === label ? 1 : 0;
  }
  const bins = sums.map(({ images, confidence, correct }, i) => ({
    low: i / count,
    high: (i + 1) / count,
    images,
    confidence: confidence / images,
    accuracy: correct / images,
  }));
  const gaps = bins.filter((bin) => bin.images > 0).map((bin) => bin.images * Math.abs(bin.accuracy - bin.confidence));
  return { bins, expectedError: gaps.reduce((sum, gap) => sum + gap, 0) / scored.length };
}
