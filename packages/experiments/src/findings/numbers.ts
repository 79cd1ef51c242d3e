/** A fraction as per cent with two digits. */
export const percent = (fraction: number): string => (100 * fraction).toFixed(2);

/** Three digits that matter. */
export const digits = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '–');

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
