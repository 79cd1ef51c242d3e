import { argMax, type ScoredImage } from './scored';

/** An image that a classifier was sure of, and wrong. */
export interface Misclassification {
  /** Its place among the scored images. */
  index: number;
  /** Index of the true class. */
  label: number;
  /** Index of the class with the highest probability. */
  predicted: number;
  /** The probability given to `predicted`. */
  confidence: number;
}

/** The misclassified images that the classifier was surest of, surest first, at most `count`. */
export const mostWrong = (scored: readonly ScoredImage[], count: number): Misclassification[] =>
  scored
    .map(({ label, probabilities }, index) => {
      const predicted = argMax(probabilities);
      return { index, label, predicted, confidence: probabilities[predicted]! };
    })
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.confidence - a.confidence || a.index - b.index)
    .slice(0, count);
