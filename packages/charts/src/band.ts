import type { PlotLine, PlotPoint } from './chart-data';

/**
 * What lines that differ by seed alone have in common: their mean, in a band from the lowest to the highest. Taken at the places of the
 * shortest line, between whose points others are interpolated; places that one of them does not reach are left out.
 */
export function seedBand(lines: readonly Pick<PlotLine, 'points'>[]): PlotPoint[] {
  const [shortest, ...rest] = lines.toSorted((a, b) => a.points.length - b.points.length);
  return (shortest?.points ?? []).flatMap((point) => {
    const values = [point.y, ...rest.map(({ points }) => valueAt(points, point.x))];
    if (!values.every((value) => value !== null && Number.isFinite(value))) return [];
    const numbers = values as number[];
    const y = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    return [{ ...point, y, low: Math.min(...numbers), high: Math.max(...numbers) }];
  });
}

/** Between two points in a straight line; null outside. */
function valueAt(points: readonly PlotPoint[], x: number): number | null {
  let [low, high] = [0, points.length - 1];
  if (high < 0 || x < points[low]!.x || x > points[high]!.x) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle]!.x <= x) low = middle;
    else high = middle;
  }
  const [a, b] = [points[low]!, points[high]!];
  if (x === b.x || a.x === b.x) return b.y;
  if (a.y === null || b.y === null) return null;
  return a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
}
