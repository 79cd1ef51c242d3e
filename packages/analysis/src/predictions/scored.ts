import { AnalysisError } from '../analysis-error';

/** What a classifier said of one image. */
export interface ScoredImage {
  /** Index of the true class. */
  label: number;
  /** Probabilities by class, summing to 1. */
  probabilities: ArrayLike<number>;
}

/** Throws unless some image was scored, and each among the classes that its label is one of. */
export function checkScored(who: string, scored: readonly ScoredImage[]): void {
  if (scored.length === 0) throw new AnalysisError(`${who}: there must be an image, got none. Score some first.`);
  for (const { label, probabilities } of scored) {
    if (label in probabilities) continue;
    throw new AnalysisError(
      `${who}: labels must be from 0 to ${probabilities.length - 1}, got ${label}. Score images of the classes trained on.`,
    );
  }
}

/** The index of the largest value; the first of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
