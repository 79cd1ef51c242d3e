import { AnalysisError } from '../analysis-error';
import { argMax, checkScored, type ScoredImage } from './scored';

/** The one class that a classifier called an image. */
export interface ClassifiedImage {
  /** Index of the true class. */
  label: number;
  /** Index of the most probable class. */
  predicted: number;
  /** The probability given to `predicted`. */
  confidence: number;
}

/** The most probable class of an image; the first of equals. */
export function classified({ label, probabilities }: ScoredImage): ClassifiedImage {
  const predicted = argMax(probabilities);
  return { label, predicted, confidence: probabilities[predicted]! };
}

/**
 * `matrix[truth][prediction]` counts images.
 *
 * @throws AnalysisError for no image, and for a label that has no probability.
 */
export function confusionMatrix(scored: readonly ScoredImage[]): number[][] {
  checkScored('confusionMatrix', scored);
  return confusionOf(scored.map(classified), scored[0]!.probabilities.length);
}

/**
 * `matrix[truth][prediction]` counts images.
 *
 * @throws AnalysisError for a class that is not among the `classes`.
 */
export function confusionOf(images: readonly Omit<ClassifiedImage, 'confidence'>[], classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { label, predicted } of images) {
    const row = matrix[label];
    if (row?.[predicted] === undefined) {
      throw new AnalysisError(
        `confusionOf: classes must be from 0 to ${classes - 1}, got ${label} called ${predicted}. Score images of the classes trained on.`,
      );
    }
    row[predicted] += 1;
  }
  return matrix;
}

/** The share of each class's images that was called something else; NaN for a class without images. */
export const errorByClass = (matrix: readonly (readonly number[])[]): number[] =>
  matrix.map((row, i) => 1 - row[i]! / row.reduce((sum, n) => sum + n, 0));

/** How a classifier does on one class, as shares; NaN where nothing was to count. */
export interface ClassScores {
  /** Images of the class. */
  images: number;
  /** Of the images called so, those that are. */
  precision: number;
  /** Of the images that are so, those called so. */
  recall: number;
  /** Harmonic mean of both: 2 TP / (2 TP + FP + FN). */
  f1: number;
}

/** Precision, recall and F1 of each class, from `matrix[truth][prediction]`. */
export const classScores = (matrix: readonly (readonly number[])[]): ClassScores[] =>
  matrix.map((row, i) => {
    const right = row[i]!;
    const images = row.reduce((sum, n) => sum + n, 0);
    const called = matrix.reduce((sum, other) => sum + other[i]!, 0);
    return { images, precision: right / called, recall: right / images, f1: (2 * right) / (images + called) };
  });
