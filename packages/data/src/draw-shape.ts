import type { Random } from '@resnet/augment';
import type { Field } from './shape-fields';

/** Side of the pictures. */
export const SIDE = 32;
/** Bytes of one: RGB, channels last. */
export const BYTES = SIDE * SIDE * 3;

type Color = readonly [red: number, green: number, blue: number];

/** How far the paint must be from the ground, of the 442 between black and white. */
const CONTRAST = 150;
/** Tilt either way. */
const TILT = (15 * Math.PI) / 180;

const canvas = new Float32Array(BYTES);

/**
 * Draws a shape of random place, size, proportion, tilt and color on a gradient, under a stray line, all under noise.
 *
 * @param pixels Gets `BYTES` bytes from `offset` on; rounds and clamps.
 */
export function drawShape(field: Field, random: Random, pixels: Uint8ClampedArray, offset: number): void {
  const ground = color(random);
  fillGradient(ground, random);
  paint(contrasting(ground, random), placed(field, random));
  if (random() < 0.5) paint(color(random), strayLine(random));
  addGrain(between(random, 3, 18), random, pixels, offset);
}

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();
const color = (random: Random): Color => [255 * random(), 255 * random(), 255 * random()];

function contrasting([red, green, blue]: Color, random: Random): Color {
  for (;;) {
    const paint = color(random);
    if (Math.hypot(paint[0] - red, paint[1] - green, paint[2] - blue) >= CONTRAST) return paint;
  }
}

function fillGradient(ground: Color, random: Random): void {
  const along = direction(random, 2 * Math.PI);
  const slope = [between(random, -2, 2), between(random, -2, 2), between(random, -2, 2)];
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const far = along(x, y);
      for (let channel = 0; channel < 3; channel++) canvas[at++] = ground[channel]! + far * slope[channel]!;
    }
  }
}

/** How much of each pixel is covered, in the part of the picture where that is not 0. */
interface Cover {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly distance: Field;
}

/** Antialiased: a pixel whose center is on the outline is half covered. */
function paint(ink: Color, { left, right, top, bottom, distance }: Cover): void {
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const cover = Math.min(1, 0.5 - distance(x, y));
      if (cover <= 0) continue;
      const at = (y * SIDE + x) * 3;
      for (let channel = 0; channel < 3; channel++)
        canvas[at + channel]! += cover * (ink[channel]! - canvas[at + channel]!);
    }
  }
}

function placed(field: Field, random: Random): Cover {
  const radius = between(random, 9, 13);
  const stretch = between(random, 0.85, 1.18);
  const room = SIDE / 2 - radius;
  const [cx, cy] = [SIDE / 2 + between(random, -room, room), SIDE / 2 + between(random, -room, room)];
  const angle = between(random, -TILT, TILT);
  const mirror = random() < 0.5 ? -1 : 1;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = radius * 1.2 + 1;
  const distance: Field = (x, y) => {
    const dx = x + 0.5 - cx;
    const dy = y + 0.5 - cy;
    const u = (mirror * (cos * dx + sin * dy)) / (radius * stretch);
    const v = ((cos * dy - sin * dx) * stretch) / radius;
    return field(u, v) * radius;
  };
  return {
    left: Math.max(0, Math.floor(cx - reach)),
    right: Math.min(SIDE, Math.ceil(cx + reach)),
    top: Math.max(0, Math.floor(cy - reach)),
    bottom: Math.min(SIDE, Math.ceil(cy + reach)),
    distance,
  };
}

function strayLine(random: Random): Cover {
  const across = direction(random, Math.PI);
  const shift = between(random, -12, 12);
  const half = between(random, 0.3, 0.8);
  return { left: 0, right: SIDE, top: 0, bottom: SIDE, distance: (x, y) => Math.abs(across(x, y) - shift) - half };
}

/** How far a pixel is from the middle, along a random direction. */
function direction(random: Random, turn: number): Field {
  const angle = between(random, 0, turn);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => (x - SIDE / 2) * cos + (y - SIDE / 2) * sin;
}

/** Uniform noise of at most `noise`. One random number makes that of three channels, ten bits each. */
function addGrain(noise: number, random: Random, pixels: Uint8ClampedArray, offset: number): void {
  for (let at = 0; at < BYTES; ) {
    const grain = Math.floor(random() * 2 ** 30);
    for (let shift = 0; shift < 30; shift += 10, at++) {
      pixels[offset + at] = canvas[at]! + noise * (((grain >>> shift) & 1023) / 511.5 - 1);
    }
  }
}
