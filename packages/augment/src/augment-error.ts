/** An image or option that an operation cannot work with. */
export class AugmentError extends RangeError {
  /** `AugmentError`, in minified code too. */
  override readonly name = 'AugmentError';
}

/** Throws `who: must, got value. next` unless `ok`. */
export function check(ok: boolean, who: string, must: string, value: unknown, next: string): void {
  if (!ok) throw new AugmentError(`${who}: ${must}, got ${value}. ${next}`);
}

/** Sizes and counts are whole and at least 1 (or `least`). */
export function checkWhole(who: string, name: string, value: number, least = 1): void {
  check(Number.isInteger(value) && value >= least, who, `${name} must be whole, from ${least}`, value, 'Count pixels.');
}

/** Chances are fractions. */
export function checkChance(who: string, value: number): void {
  check(value >= 0 && value <= 1, who, 'the chance must be from 0 to 1', value, 'Try 0.5.');
}
