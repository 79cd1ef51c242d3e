/** A training run cannot go on, or was asked for something impossible. The message says what to do next. */
export class TrainError extends Error {
  override name = 'TrainError';
}

/** A checkpoint cannot be used: damaged, of another model or of another recipe. */
export class CheckpointError extends TrainError {
  override name = 'CheckpointError';
}
