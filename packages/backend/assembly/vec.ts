// Four floats at a time. All functions here are inlined.

// @ts-ignore: decorator
@inline export function zero(): v128 { return f32x4.splat(0); }
// @ts-ignore: decorator
@inline export function ld(p: usize): v128 { return v128.load(p); }
// @ts-ignore: decorator
@inline export function st(p: usize, v: v128): void { v128.store(p, v); }
// @ts-ignore: decorator
@inline export function add(a: v128, b: v128): v128 { return f32x4.add(a, b); }
// @ts-ignore: decorator
@inline export function sub(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
// @ts-ignore: decorator
@inline export function mul(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
// The order matters: of a NaN and a number, pmax gives its first, and a NaN must stay one.
// @ts-ignore: decorator
@inline export function relu(a: v128): v128 { return f32x4.pmax(a, zero()); }

/** `a·b + acc`, in one rounding where the build has relaxed SIMD. */
// @ts-ignore: decorator
@inline export function fma(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, acc);
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** `acc − a·b`. */
// @ts-ignore: decorator
@inline export function fms(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, acc);
  return f32x4.sub(acc, f32x4.mul(a, b));
}

/** Loads `count` (1…3) floats; the other lanes are zero. */
// @ts-ignore: decorator
@inline export function ldPart(p: usize, count: i32): v128 {
  return v128.and(v128.load(p), i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
}

/** Stores the first `count` (1…4) lanes. */
// @ts-ignore: decorator
@inline export function stPart(p: usize, v: v128, count: i32): void {
  if (count >= 4) { v128.store(p, v); return; }
  v128.store_lane<f32>(p, v, 0);
  if (count > 1) v128.store_lane<f32>(p + 4, v, 1);
  if (count > 2) v128.store_lane<f32>(p + 8, v, 2);
}
