// Winograd F(4×4, 3×3) (Lavin and Gray 2016): a tile of 6×6 inputs and a 3×3 filter give 4×4 outputs in 36 multiplications a channel pair.
// Points 0, ±1, ±2, ∞. A strip is one row of tiles of one image; a block is some strips, transformed and multiplied together.

import { PLANE_BYTES, STRIP_BYTES, TILE_ROW_BYTES } from '../contract/layout';
import { add, fma, fms, ld, mul, st, sub, zero } from './vec';

// What offsets in load and store instructions are made of.
export const PLANE: usize = PLANE_BYTES;
export const STRIP: usize = STRIP_BYTES;
export const LOCAL: usize = TILE_ROW_BYTES;

/** Bytes between two of the 36 planes of a filter. */
// @ts-ignore: decorator
@inline export function filterPlane(depth: i32, columns: i32): usize { return (<usize>(depth * columns) << 2) + 64; }

/** Bᵀd of one column, into the six rows of a strip. */
// @ts-ignore: decorator
@inline export function inputColumn(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize): void {
  const four = f32x4.splat(4);
  const p = fms(d4, d2, four), q = fms(d3, d1, four), r = sub(d4, d2), s = sub(d3, d1), s2 = add(s, s);
  v128.store(to, fma(r, sub(d0, d2), four));
  v128.store(to, add(p, q), STRIP);
  v128.store(to, sub(p, q), 2 * STRIP);
  v128.store(to, add(r, s2), 3 * STRIP);
  v128.store(to, sub(r, s2), 4 * STRIP);
  v128.store(to, fms(sub(d5, d3), s, four), 5 * STRIP);
}

/** Bᵀd of six neighbours in a row of a strip, into six planes. */
// @ts-ignore: decorator
@inline export function inputRow(from: usize, to: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from, 16), d2 = v128.load(from, 32), d3 = v128.load(from, 48), d4 = v128.load(from, 64), d5 = v128.load(from, 80);
  const four = f32x4.splat(4);
  const p = fms(d4, d2, four), q = fms(d3, d1, four), r = sub(d4, d2), s = sub(d3, d1), s2 = add(s, s);
  v128.store(to, fma(r, sub(d0, d2), four));
  v128.store(to, add(p, q), PLANE);
  v128.store(to, sub(p, q), 2 * PLANE);
  v128.store(to, add(r, s2), 3 * PLANE);
  v128.store(to, sub(r, s2), 4 * PLANE);
  v128.store(to, fms(sub(d5, d3), s, four), 5 * PLANE);
}

/** A·y of one column of output gradients, into the six rows of a strip. */
// @ts-ignore: decorator
@inline export function gradientColumn(y0: v128, y1: v128, y2: v128, y3: v128, to: usize): void {
  const four = f32x4.splat(4);
  const e = add(y0, y2), f = add(y1, y3), g = fma(y0, y2, four), y = fma(y1, y3, four), h = add(y, y);
  v128.store(to, y0);
  v128.store(to, add(e, f), STRIP);
  v128.store(to, sub(e, f), 2 * STRIP);
  v128.store(to, add(g, h), 3 * STRIP);
  v128.store(to, sub(g, h), 4 * STRIP);
  v128.store(to, y3, 5 * STRIP);
}

/** A·y of four neighbours in a row of a strip, into six planes. */
// @ts-ignore: decorator
@inline export function gradientRow(from: usize, to: usize): void {
  const y0 = v128.load(from), y1 = v128.load(from, 16), y2 = v128.load(from, 32), y3 = v128.load(from, 48);
  const four = f32x4.splat(4);
  const e = add(y0, y2), f = add(y1, y3), g = fma(y0, y2, four), y = fma(y1, y3, four), h = add(y, y);
  v128.store(to, y0);
  v128.store(to, add(e, f), PLANE);
  v128.store(to, sub(e, f), 2 * PLANE);
  v128.store(to, add(g, h), 3 * PLANE);
  v128.store(to, sub(g, h), 4 * PLANE);
  v128.store(to, y3, 5 * PLANE);
}

/** Aᵀm of one column, from six planes to the four rows of a tile. */
// @ts-ignore: decorator
@inline export function outputColumn(from: usize, to: usize): void {
  const m1 = v128.load(from, 6 * PLANE), m2 = v128.load(from, 12 * PLANE), m3 = v128.load(from, 18 * PLANE), m4 = v128.load(from, 24 * PLANE);
  const a = add(m1, m2), b = sub(m1, m2), c = add(m3, m4), d = sub(m3, m4), d2 = add(d, d), four = f32x4.splat(4);
  v128.store(to, add(add(v128.load(from), a), c));
  v128.store(to, add(b, d2), LOCAL);
  v128.store(to, fma(a, c, four), 2 * LOCAL);
  v128.store(to, add(fma(b, d2, four), v128.load(from, 30 * PLANE)), 3 * LOCAL);
}

/** Aᵀm of a row of a tile: four pixels of the output. */
// @ts-ignore: decorator
@inline export function outputRow(from: usize, to: usize, pixel: usize): void {
  const m1 = v128.load(from, 16), m2 = v128.load(from, 32), m3 = v128.load(from, 48), m4 = v128.load(from, 64);
  const a = add(m1, m2), b = sub(m1, m2), c = add(m3, m4), d = sub(m3, m4), d2 = add(d, d), four = f32x4.splat(4);
  st(to, add(add(v128.load(from), a), c));
  st(to + pixel, add(b, d2));
  st(to + 2 * pixel, fma(a, c, four));
  st(to + 3 * pixel, add(fma(b, d2, four), v128.load(from, 80)));
}

/** G·w, three vectors to six. */
// @ts-ignore: decorator
@inline export function filterTransform(w0: v128, w1: v128, w2: v128, to: usize, step: usize): void {
  const a = mul(add(w0, w2), f32x4.splat(-1.0 / 6)), b = mul(w1, f32x4.splat(1.0 / 6));
  const c = fma(mul(w0, f32x4.splat(1.0 / 24)), w2, f32x4.splat(1.0 / 6)), d = mul(w1, f32x4.splat(1.0 / 12));
  st(to, mul(w0, f32x4.splat(0.25)));
  st(to + step, sub(a, b));
  st(to + 2 * step, add(a, b));
  st(to + 3 * step, add(c, d));
  st(to + 4 * step, sub(c, d));
  st(to + 5 * step, w2);
}

/** Gᵀu, six vectors to three: back to the gradient of a filter. */
// @ts-ignore: decorator
@inline export function filterGradientTransform(from: usize, gap: usize, to: usize, step: usize): void {
  const u1 = ld(from + gap), u2 = ld(from + 2 * gap), u3 = ld(from + 3 * gap), u4 = ld(from + 4 * gap);
  const a = add(u1, u2), b = sub(u2, u1), c = add(u3, u4), d = sub(u3, u4);
  const sixth = f32x4.splat(1.0 / 6);
  st(to, fma(fms(mul(ld(from), f32x4.splat(0.25)), a, sixth), c, f32x4.splat(1.0 / 24)));
  st(to + step, fma(mul(b, sixth), d, f32x4.splat(1.0 / 12)));
  st(to + 2 * step, add(mul(sub(c, a), sixth), ld(from + 5 * gap)));
}
