/** A network, an image or a label that an analysis cannot work with. */
export class AnalysisError extends RangeError {
  /** `AnalysisError`, in minified code too. */
  override name = 'AnalysisError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}
