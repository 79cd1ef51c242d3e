import type { ClassifiedImage } from '@resnet/analysis';
import type { Dataset } from '@resnet/data';
import type { OnScores } from '@resnet/trainer';

/** What a network calls the images of an evaluation, in their order; the probabilities of other classes are not kept. */
export interface Answers {
  /** Takes in a batch. */
  readonly onScores: OnScores;
  /** The images so far. */
  readonly images: readonly ClassifiedImage[];
}

/** Collects answers from `evaluate` or `train`. */
export function collectAnswers(): Answers {
  const images: ClassifiedImage[] = [];
  return {
    images,
    onScores: ({ logits, labels, classes }) => {
      for (let start = 0; start < logits.length; start += classes) {
        const predicted = largest(logits, start, classes);
        let sum = 0;
        for (let i = 0; i < classes; i++) sum += Math.exp(logits[start + i]! - logits[start + predicted]!);
        images.push({ label: largest(labels, start, classes), predicted, confidence: 1 / sum });
      }
    },
  };
}

/** The place of the largest value in a row; the first of equals. */
function largest(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** Images of each class, by index. */
export function classCounts(dataset: Pick<Dataset, 'classes' | 'length' | 'label'>): number[] {
  const counts = dataset.classes.map(() => 0);
  for (let i = 0; i < dataset.length; i++) counts[dataset.label(i)]! += 1;
  return counts;
}
