/** A model was asked for by a name that nobody knows. */
export class UnknownModelError extends RangeError {
  /** `UnknownModelError`, in minified code too. */
  override name = 'UnknownModelError';
}

/** A model was asked for with a depth or an option that it cannot have. */
export class ModelOptionError extends RangeError {
  /** `ModelOptionError`, in minified code too. */
  override name = 'ModelOptionError';
}

/** Throws unless `value` is one of `allowed`. */
export function checkOneOf<T>(what: string, value: T, allowed: readonly T[]): void {
  if (allowed.includes(value)) return;
  throw new ModelOptionError(`createModel: ${what} must be one of ${allowed.join(', ')}, got ${value}.`);
}
