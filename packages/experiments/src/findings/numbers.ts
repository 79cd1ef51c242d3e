/** A fraction in percent, with two decimals. */
export const percent = (fraction: number): string => (100 * fraction).toFixed(2);

/** A number with three significant digits. */
export const digits = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '–');

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
