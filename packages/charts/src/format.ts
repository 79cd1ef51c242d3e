import type { PlotAxis } from './chart-data';

/** A value of an axis for people: four digits that matter, per cent where the axis is in per cent. */
export function formatValue(
  value: number | null | undefined,
  { percent = false }: Pick<PlotAxis, 'percent'> = {},
): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const shown = Number((percent ? 100 * value : value).toPrecision(4));
  const text =
    Math.abs(shown) >= 1e-4 || shown === 0
      ? shown.toLocaleString('en-US', { maximumFractionDigits: 8 })
      : String(shown);
  return percent ? `${text}\u00a0%` : text;
}

/** Seconds as `48 s`, `3:12` or `1:02:45`. */
export function formatTime(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${Number(seconds.toPrecision(3))} s`;
  const two = (part: number) => String(part).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
