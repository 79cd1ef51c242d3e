/** A backend could not be used. The message says which, why, and what to do next. */
export class BackendError extends Error {
  /** `BackendError`, in minified code too. */
  override name = 'BackendError';
}

/** No backend, or no level of the `simd` backend, has this name. */
export class UnknownBackendError extends BackendError {
  /** `UnknownBackendError`, in minified code too. */
  override name = 'UnknownBackendError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}
