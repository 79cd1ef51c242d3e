/** Options or input that a building block cannot work with. */
export class BlockError extends Error {
  /** `BlockError`, in minified code too. */
  override name = 'BlockError';
}

/** Throws unless `value` is a whole number from `least` up. */
export function checkWhole(who: string, what: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new BlockError(`${who}: ${what} must be a whole number of at least ${least}, got ${value}.`);
}
