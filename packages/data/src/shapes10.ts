import type { Random } from '@resnet/augment';
import type { Dataset } from './dataset';
import type { Opened } from './opened';
import { noSplit } from './packed';
import { packedDataset } from './packed-dataset';
import { seeded } from './random';
import { type Field, SHAPES } from './shape-fields';
import { shared } from './shared-memory';

/** Which generated images. */
export interface ShapesOptions {
  /** Splits share no image. Default `train`. */
  readonly split?: 'train' | 'test';
  /** Default 10,000 for `train`, 2,000 for `test`. Image `i` does not depend on it. */
  readonly length?: number;
  /** Default 0. */
  readonly seed?: number;
}

const SIDE = 32;
const BYTES = SIDE * SIDE * 3;
const CLASSES = Object.keys(SHAPES);
const FIELDS = Object.values(SHAPES);
const LENGTHS = { train: 10_000, test: 2_000 } as const;

/**
 * Ten classes of 32×32 colour images, drawn on the spot: a shape of random place, size, proportion, tilt and colour on a noisy
 * gradient, under a stray line. Colour and brightness tell nothing of the class, so a linear model stays near chance.
 * Equal options give equal bytes on every machine; image `i` has label `i mod 10`.
 */
export function shapes10({ split = 'train', length = LENGTHS[split], seed = 0 }: ShapesOptions = {}): Dataset {
  if (!Number.isInteger(length) || length < 1)
    throw new RangeError(`shapes10: length must be at least 1, got ${length}.`);
  const labels = shared(Uint16Array, length);
  const pixels = shared(Uint8Array, length * BYTES);
  // Rounds and clamps on the way in.
  const clamped = new Uint8ClampedArray(pixels.buffer);
  for (let i = 0; i < length; i++) {
    labels[i] = i % CLASSES.length;
    draw(FIELDS[labels[i]!]!, seeded(seed, split === 'train' ? 0 : 1, i), clamped, i * BYTES);
  }
  return packedDataset({
    name: `shapes10-1-${split}-${seed}-${length}`,
    classes: CLASSES,
    shape: [SIDE, SIDE, 3],
    labels,
    pixels,
  });
}

/** shapes10 as a source with its two splits. */
export function openShapes(): Opened {
  const splits = Object.keys(LENGTHS);
  return {
    kind: 'shapes10',
    classes: CLASSES,
    splits,
    cached: null,
    read: async (split) => {
      if (split !== 'train' && split !== 'test') throw noSplit('shapes10', split, splits);
      return shapes10({ split });
    },
  };
}

type Colour = readonly [red: number, green: number, blue: number];

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();
const colour = (random: Random): Colour => [255 * random(), 255 * random(), 255 * random()];

/** How far the paint must be from the ground, of the 442 between black and white. */
const CONTRAST = 90;

function draw(field: Field, random: Random, pixels: Uint8ClampedArray, offset: number): void {
  const ground = colour(random);
  const paint = contrasting(ground, random);
  const lineColour = colour(random);
  const ramp = direction(random, 2 * Math.PI);
  const slope = [between(random, -2, 2), between(random, -2, 2), between(random, -2, 2)];
  const cover = placed(field, random);
  const line = strayLine(random);
  const noise = between(random, 10, 45);
  for (let y = 0, at = offset; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const far = ramp(x, y);
      const inShape = cover(x, y);
      const inLine = line(x, y);
      // One random number makes the noise of three channels: ten bits each.
      let grain = Math.floor(random() * 2 ** 30);
      for (let channel = 0; channel < 3; channel++, at++) {
        const under = ground[channel]! + far * slope[channel]!;
        const shape = under + inShape * (paint[channel]! - under);
        const value = shape + inLine * (lineColour[channel]! - shape);
        pixels[at] = value + noise * ((grain & 1023) / 511.5 - 1);
        grain >>>= 10;
      }
    }
  }
}

function contrasting(ground: Colour, random: Random): Colour {
  for (;;) {
    const paint = colour(random);
    if (Math.hypot(paint[0] - ground[0], paint[1] - ground[1], paint[2] - ground[2]) >= CONTRAST) return paint;
  }
}

/** How much of a pixel the shape covers, once it is moved, scaled, stretched and tilted by up to 25°. */
function placed(field: Field, random: Random): Field {
  const radius = between(random, 6, 12);
  const stretch = between(random, 0.8, 1.25);
  const cx = SIDE / 2 + between(random, -1, 1) * (SIDE / 2 - radius - 1);
  const cy = SIDE / 2 + between(random, -1, 1) * (SIDE / 2 - radius - 1);
  const angle = between(random, -1, 1) * ((25 * Math.PI) / 180);
  const mirror = random() < 0.5 ? -1 : 1;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const reach = radius * 1.3 + 1;
  return (x, y) => {
    const dx = x + 0.5 - cx;
    const dy = y + 0.5 - cy;
    if (dx * dx + dy * dy > reach * reach) return 0;
    const u = (mirror * (cos * dx + sin * dy)) / (radius * stretch);
    const v = ((cos * dy - sin * dx) * stretch) / radius;
    return coverage(field(u, v) * radius);
  };
}

function strayLine(random: Random): Field {
  const across = direction(random, Math.PI);
  const shift = between(random, -12, 12);
  const half = between(random, 0.3, 0.9);
  return (x, y) => coverage(Math.abs(across(x, y) - shift) - half);
}

/** How far a pixel is from the middle, along a random direction. */
function direction(random: Random, turn: number): Field {
  const angle = between(random, 0, turn);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return (x, y) => (x - SIDE / 2) * cos + (y - SIDE / 2) * sin;
}

/** Antialiasing: a pixel whose centre is on the outline is half covered. */
const coverage = (distance: number): number => Math.min(1, Math.max(0, 0.5 - distance));
