// Winograd F(4×4, 3×3) (Lavin and Gray 2016): a tile of 6×6 inputs and a 3×3 filter give 4×4 outputs in 36 multiplications a channel pair.
// Points 0, ±1, ±2, ∞. A strip is one row of tiles of one image; a block is some strips, transformed and multiplied together.

import { add, fma, fms, ld, mul, st, sub, zero } from './vec';

/** Bᵀd for six vectors at `from`, `from + gap`…, stored at `to`, `to + step`…. */
// @ts-ignore: decorator
@inline export function inputTransform(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
  const four = f32x4.splat(4);
  const p = fms(d4, d2, four), q = fms(d3, d1, four), r = sub(d4, d2), s = sub(d3, d1), s2 = add(s, s);
  st(to, fma(r, sub(d0, d2), four));
  st(to + step, add(p, q));
  st(to + 2 * step, sub(p, q));
  st(to + 3 * step, add(r, s2));
  st(to + 4 * step, sub(r, s2));
  st(to + 5 * step, fms(sub(d5, d3), s, four));
}

/** Aᵀm, six vectors to four. */
// @ts-ignore: decorator
@inline export function outputTransform(from: usize, gap: usize, to: usize, step: usize): void {
  const m1 = ld(from + gap), m2 = ld(from + 2 * gap), m3 = ld(from + 3 * gap), m4 = ld(from + 4 * gap);
  const a = add(m1, m2), b = sub(m1, m2), c = add(m3, m4), d = sub(m3, m4), d2 = add(d, d);
  st(to, add(add(ld(from), a), c));
  st(to + step, add(b, d2));
  st(to + 2 * step, fma(a, c, f32x4.splat(4)));
  st(to + 3 * step, add(fma(b, d2, f32x4.splat(4)), ld(from + 5 * gap)));
}

/** A·y, four vectors to six: what a gradient of outputs is in the transformed domain. */
// @ts-ignore: decorator
@inline export function gradientTransform(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  const four = f32x4.splat(4);
  const e = add(y0, y2), f = add(y1, y3), g = fma(y0, y2, four), y = fma(y1, y3, four), h = add(y, y);
  st(to, y0);
  st(to + step, add(e, f));
  st(to + 2 * step, sub(e, f));
  st(to + 3 * step, add(g, h));
  st(to + 4 * step, sub(g, h));
  st(to + 5 * step, y3);
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
