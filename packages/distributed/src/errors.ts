/** Processes cannot work together, or one of them failed. */
export class DistributedError extends Error {
  /** `DistributedError`, in minified code too. */
  override name = 'DistributedError';
}
