/** Called in a way that cannot work: the caller has to change something. */
export class UsageError extends Error {
  override name = 'UsageError';
}
