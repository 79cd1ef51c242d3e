import { type ClassifiedImage, classified } from './confusion';
import type { ScoredImage } from './scored';

/** An image that a classifier was sure of, and wrong. */
export interface Misclassification extends ClassifiedImage {
  /** Its place among the images. */
  index: number;
}

/** The misclassified images that the classifier was surest of, surest first, at most `count`. */
export const mostWrong = (scored: readonly ScoredImage[], count: number): Misclassification[] =>
  surestMistakes(scored.map(classified), count);

/** {@link mostWrong}, of images whose class is chosen already. */
export const surestMistakes = (images: readonly ClassifiedImage[], count: number): Misclassification[] =>
  images
    .map((image, index) => ({ index, ...image }))
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.confidence - a.confidence || a.index - b.index)
    .slice(0, count);
