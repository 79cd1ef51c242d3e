import { type ClassScores, classScores, matrixPlot, type ReportFigure, type ReportTable } from '@resnet/analysis';
import { percent } from './numbers';

/** How a network does on one class; shares are fractions, null where nothing was to count. */
export interface ClassResult {
  /** Name of the class. */
  name: string;
  /** Images of the class that were measured. */
  images: number;
  /** Of the images called so, those that are. */
  precision: number | null;
  /** Of the images that are so, those called so. */
  recall: number | null;
  /** Harmonic mean of precision and recall. */
  f1: number | null;
}

/** Scores by class from `matrix[truth][prediction]`, in the order of the names. */
export const resultsByClass = (matrix: readonly (readonly number[])[], names: readonly string[]): ClassResult[] =>
  classScores(matrix).map((scores, i) => ({ name: names[i] ?? `class ${i}`, ...withoutNaN(scores) }));

const withoutNaN = ({ images, ...shares }: ClassScores): Omit<ClassResult, 'name'> => {
  const known = (share: number) => (Number.isNaN(share) ? null : share);
  return { images, precision: known(shares.precision), recall: known(shares.recall), f1: known(shares.f1) };
};

/**
 * Scores by class as a table, in per cent.
 *
 * @param trained Training images of each class; left out, the table does not tell them.
 */
export const classTable = (results: readonly ClassResult[], trained?: readonly number[]): ReportTable => ({
  columns: ['class', ...(trained ? ['training images'] : []), 'images', 'precision (%)', 'recall (%)', 'F1 (%)'],
  rows: results.map(({ name, images, precision, recall, f1 }, i) => [
    name,
    ...(trained ? [trained[i] ?? 0] : []),
    images,
    ...[precision, recall, f1].map((share) => (share === null ? '–' : percent(share))),
  ]),
});

/** Larger matrices are a wall of cells: the pairs that are confused most often say more. */
const drawnClasses = 24;

/** The confusion matrix, where it can be read. */
export const confusionFigure = (values: number[][], names: readonly string[], subtitle: string): ReportFigure[] =>
  names.length > drawnClasses
    ? []
    : [
        {
          name: 'confusion',
          draw: (width) =>
            matrixPlot({
              title: 'Confusion matrix (images)',
              subtitle,
              width: Math.min(width, 560),
              rows: 'true class',
              columns: 'predicted class',
              names: distinct(names),
              values,
            }),
        },
      ];

/** A plot's axis needs names that differ. */
const distinct = (names: readonly string[]): string[] =>
  names.map((name, i) => (names.indexOf(name) === i ? name : `${name} (${i})`));

/** The pairs of classes that are confused most often, at most `count`. */
export function confusedPairs(
  matrix: readonly (readonly number[])[],
  names: readonly string[],
  count = 10,
): ReportTable {
  const pairs = matrix.flatMap((row, i) =>
    row.flatMap((images, j) => (i === j || images === 0 ? [] : [{ i, j, images }])),
  );
  return {
    caption: 'Confused most often',
    columns: ['true class', 'predicted class', 'images'],
    rows: pairs
      .sort((a, b) => b.images - a.images)
      .slice(0, count)
      .map(({ i, j, images }) => [names[i]!, names[j]!, images]),
  };
}

/** How many times as many images the largest class has; beyond it a report warns. */
const balanced = 2;

/** A sentence where classes have very different numbers of training images, which the error alone does not show; null where not. */
export function imbalanceWarning(trained: readonly number[], names: readonly string[]): string | null {
  const [least, most] = [Math.min(...trained), Math.max(...trained)];
  if (most <= balanced * least) return null;
  const [rare, common] = [names[trained.indexOf(least)], names[trained.indexOf(most)]];
  const ratio = least === 0 ? '' : `, ${(most / least).toFixed(1)} times as many`;
  return `Classes are not balanced: ${common} has ${most.toLocaleString('en-US')} training images and ${rare} ${least.toLocaleString('en-US')}${ratio}. Read recall and F1 of the rare classes, not the error alone.`;
}
