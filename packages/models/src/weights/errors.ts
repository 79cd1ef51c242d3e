/** What a {@link WeightFileError} advises. */
export interface WeightAdvice {
  /** The option that is the next move: `key`, where a file holds several sets of weights. */
  readonly option?: 'key';
}

/** Thrown for a weight file that is damaged, of an unknown format, or not to be trusted. Nothing was loaded from it. */
export class WeightFileError extends Error {
  /** `WeightFileError`, in minified code too. */
  override name = 'WeightFileError';

  constructor(
    message: string,
    /** What to do next, apart from the message. */
    readonly advice: WeightAdvice = {},
  ) {
    super(message);
  }
}

/**
 * Thrown where a pickle wants what plain weights never need: another global, another opcode, or more of anything
 * than its size can explain. Nothing in it was called.
 */
export class PickleError extends WeightFileError {
  /** `PickleError`, in minified code too. */
  override name = 'PickleError';
}
