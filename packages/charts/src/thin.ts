import type { PlotPoint } from './chart-data';

/**
 * At most `count` points: means over consecutive windows of one size, each at its window's last place. A window that holds a value which is
 * not finite has none, so that a divergence shows as a gap.
 */
export function thinned(points: readonly PlotPoint[], count: number): PlotPoint[] {
  const size = Math.max(1, Math.ceil(points.length / count));
  if (size === 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const window = points.slice(i * size, (i + 1) * size);
    const sum = window.reduce((total, { y }) => total + (y ?? Number.NaN), 0);
    return { ...window.at(-1)!, y: Number.isFinite(sum) ? sum / window.length : null };
  });
}
