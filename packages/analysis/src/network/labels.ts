import { AnalysisError } from '../analysis-error';

/**
 * Throws unless there is one label an image, each the index of a class.
 *
 * @param logits The shape of the model's output, `[images, classes]`.
 */
export function checkLabels(who: string, labels: Int32Array, [images, classes]: readonly number[]): void {
  if (labels.length !== images) {
    throw new AnalysisError(
      `${who}: there must be one label an image, got ${labels.length} for ${images} images. Pass those of the same batch.`,
    );
  }
  const wrong = labels.find((label) => label < 0 || label >= classes!);
  if (wrong !== undefined) {
    throw new AnalysisError(
      `${who}: labels must be from 0 to ${classes! - 1}, got ${wrong}. Pass indices of the model's classes.`,
    );
  }
}
