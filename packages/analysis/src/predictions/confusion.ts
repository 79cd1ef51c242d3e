import { argMax, checkScored, type ScoredImage } from './scored';

/**
 * `matrix[truth][prediction]` counts images.
 *
 * @throws AnalysisError for no image, and for a label that has no probability.
 */
export function confusionMatrix(scored: readonly ScoredImage[]): number[][] {
  checkScored('confusionMatrix', scored);
  const classes = scored[0]!.probabilities.length;
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { label, probabilities } of scored) matrix[label]![argMax(probabilities)]! += 1;
  return matrix;
}

/** The share of each class's images that was called something else; NaN for a class without images. */
export const errorByClass = (matrix: readonly (readonly number[])[]): number[] =>
  matrix.map((row, i) => 1 - row[i]! / row.reduce((sum, n) => sum + n, 0));
