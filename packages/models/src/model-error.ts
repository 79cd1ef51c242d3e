/** The name of a model that does not exist. */
export class UnknownModelError extends RangeError {
  /** `UnknownModelError`, in minified code too. */
  override name = 'UnknownModelError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}

/** A depth or an option that a model cannot have. */
export class ModelOptionError extends RangeError {
  /** `ModelOptionError`, in minified code too. */
  override name = 'ModelOptionError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}

/** Throws unless `value` is one of `allowed`. */
export function checkOneOf<T>(who: string, what: string, value: T, allowed: readonly T[]): void {
  if (allowed.includes(value)) return;
  throw new ModelOptionError(`${who}: ${what} must be one of ${allowed.join(', ')}, got ${value}.`);
}
