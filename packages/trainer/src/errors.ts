/** A training run cannot go on, or was asked for something impossible. The message says what to do next. */
export class TrainError extends Error {
  /** `TrainError`, in minified code too. */
  override name = 'TrainError';
}

/** A checkpoint cannot be used: damaged, of another model or of another recipe. */
export class CheckpointError extends TrainError {
  /** `CheckpointError`, in minified code too. */
  override name = 'CheckpointError';
}
