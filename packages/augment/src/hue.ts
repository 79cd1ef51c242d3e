import { check } from './augment-error';
import { checkColors } from './colors';
import { blank, type Image, imageOf } from './image';

/** Turns all hues by `shift` of a full circle, -0.5 to 0.5. Gray images stay as they are. */
export function hue(image: Image, shift: number): Image {
  checkColors('hue', image);
  check(Math.abs(shift) <= 0.5, 'hue', 'shift must be from -0.5 to 0.5', shift, 'It is a part of a full circle.');
  if (image.channels === 1) return image;
  const { data } = image;
  const out = blank(image);
  for (let i = 0; i < data.length; i += 3) {
    const [red, green, blue] = [data[i]!, data[i + 1]!, data[i + 2]!];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    const sector = sectorOf(red, green, blue, value, chroma) + 6 + 6 * shift;
    out[i] = channel(5, sector, value, chroma);
    out[i + 1] = channel(3, sector, value, chroma);
    out[i + 2] = channel(1, sector, value, chroma);
  }
  return imageOf(out, image, 3);
}

/** The hue as a number of sixths of the circle, -1 to 5; 0 in grays. */
function sectorOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  if (chroma === 0) return 0;
  if (value === red) return (green - blue) / chroma;
  if (value === green) return 2 + (blue - red) / chroma;
  return 4 + (red - green) / chroma;
}

/** One channel of a color, by the formula without cases: `n` is 5 for red, 3 for green, 1 for blue. */
function channel(n: number, sector: number, value: number, chroma: number): number {
  const k = (n + sector) % 6;
  return value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
}
