/** A network, an image or a label that an analysis cannot work with. */
export class AnalysisError extends RangeError {
  override name = 'AnalysisError';
}
