/** The pool of the `simd` backend is full. */
export class SimdMemoryError extends Error {
  /** `SimdMemoryError`, in minified code too. */
  override name = 'SimdMemoryError';
}

/** A thread of the `simd` backend died, so a result may be incomplete. */
export class SimdThreadError extends Error {
  /** `SimdThreadError`, in minified code too. */
  override name = 'SimdThreadError';
}

/** The engine lacks what the `simd` backend needs. */
export class SimdUnsupportedError extends Error {
  /** `SimdUnsupportedError`, in minified code too. */
  override name = 'SimdUnsupportedError';
}
