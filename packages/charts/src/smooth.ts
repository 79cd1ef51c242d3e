/**
 * An exponential moving average whose start is not biased towards 0, as TensorBoard smooths. Null stays null and is passed over.
 *
 * @param weight Of the past, from 0 (the values themselves) to below 1.
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let average = 0;
  let gathered = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    average = weight * average + (1 - weight) * value;
    gathered = weight * gathered + (1 - weight);
    return average / gathered;
  });
}
