// Pooling windows, spatial sums, and the paper's option A. NHWC.

import { float, int, ptr } from './args';
import { add, ld, mul, st, stPart, zero } from './vec';

// Geometry of a pooling window.
// @ts-ignore: decorator
@inline function height(): i32 { return int(3); }
// @ts-ignore: decorator
@inline function width(): i32 { return int(4); }
// @ts-ignore: decorator
@inline function channels(): i32 { return int(5); }
// @ts-ignore: decorator
@inline function outHeight(): i32 { return int(6); }
// @ts-ignore: decorator
@inline function outWidth(): i32 { return int(7); }
// @ts-ignore: decorator
@inline function windowY(): i32 { return int(8); }
// @ts-ignore: decorator
@inline function windowX(): i32 { return int(9); }
// @ts-ignore: decorator
@inline function strideY(): i32 { return int(10); }
// @ts-ignore: decorator
@inline function strideX(): i32 { return int(11); }
// @ts-ignore: decorator
@inline function padTop(): i32 { return int(12); }
// @ts-ignore: decorator
@inline function padLeft(): i32 { return int(13); }

/** Largest of each window. Chunk: one row of the output of one image. */
export function maxPool(chunk: i32, scratch: usize): void {
  const h = height(), w = width(), c = channels(), oh = outHeight(), ow = outWidth(), image = chunk / oh, oy = chunk - image * oh;
  const y0 = oy * strideY() - padTop(), top = max(y0, 0), bottom = min(y0 + windowY(), h);
  for (let ox = 0; ox < ow; ox++) {
    const x0 = ox * strideX() - padLeft(), left = max(x0, 0), right = min(x0 + windowX(), w);
    const to = ptr(1) + (<usize>((chunk * ow + ox) * c) << 2);
    for (let i = 0; i < c; i += 4) {
      let best = f32x4.splat(-Infinity);
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
        best = f32x4.max(best, ld(ptr(0) + (<usize>(((image * h + y) * w + x) * c + i) << 2)));
      }
      stPart(to + (<usize>i << 2), best, c - i);
    }
  }
}

/** Gives each dy to the first largest of its window. Chunk: one image. */
export function maxPoolGrad(chunk: i32, scratch: usize): void {
  const h = height(), w = width(), c = channels(), oh = outHeight(), ow = outWidth();
  const x = ptr(0) + (<usize>(chunk * h * w * c) << 2), dx = ptr(1) + (<usize>(chunk * h * w * c) << 2), dy = ptr(2) + (<usize>(chunk * oh * ow * c) << 2);
  memory.fill(dx, 0, <usize>(h * w * c) << 2);
  for (let oy = 0; oy < oh; oy++) {
    const y0 = oy * strideY() - padTop(), top = max(y0, 0), bottom = min(y0 + windowY(), h);
    for (let ox = 0; ox < ow; ox++) {
      const x0 = ox * strideX() - padLeft(), left = max(x0, 0), right = min(x0 + windowX(), w);
      if (left >= right || top >= bottom) continue; // padding alone
      for (let i = 0; i < c; i++) {
        let best: f32 = -Infinity, at = <usize>((top * w + left) * c + i) << 2;
        for (let yy = top; yy < bottom; yy++) for (let xx = left; xx < right; xx++) {
          const p = <usize>((yy * w + xx) * c + i) << 2, value = load<f32>(x + p);
          if (value > best) { best = value; at = p; }
        }
        store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy + (<usize>((oy * ow + ox) * c + i) << 2)));
      }
    }
  }
}

/** Mean of what of each window lies inside. Chunk: one row of the output of one image. */
export function avgPool(chunk: i32, scratch: usize): void {
  const h = height(), w = width(), c = channels(), oh = outHeight(), ow = outWidth(), image = chunk / oh, oy = chunk - image * oh;
  const y0 = oy * strideY() - padTop(), top = max(y0, 0), bottom = min(y0 + windowY(), h);
  for (let ox = 0; ox < ow; ox++) {
    const x0 = ox * strideX() - padLeft(), left = max(x0, 0), right = min(x0 + windowX(), w);
    const to = ptr(1) + (<usize>((chunk * ow + ox) * c) << 2), factor = f32x4.splat(<f32>1 / <f32>((bottom - top) * (right - left)));
    for (let i = 0; i < c; i += 4) {
      let sum = zero();
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
        sum = add(sum, ld(ptr(0) + (<usize>(((image * h + y) * w + x) * c + i) << 2)));
      }
      stPart(to + (<usize>i << 2), mul(sum, factor), c - i);
    }
  }
}

/** Spreads dy / (window area) over each window, what lies outside included as tfjs has it. Chunk: one image. */
export function avgPoolGrad(chunk: i32, scratch: usize): void {
  const h = height(), w = width(), c = channels(), oh = outHeight(), ow = outWidth();
  const dx = ptr(1) + (<usize>(chunk * h * w * c) << 2), dy = ptr(2) + (<usize>(chunk * oh * ow * c) << 2);
  const factor: f32 = 1.0 / <f32>(windowY() * windowX());
  memory.fill(dx, 0, <usize>(h * w * c) << 2);
  for (let oy = 0; oy < oh; oy++) {
    const y0 = oy * strideY() - padTop(), top = max(y0, 0), bottom = min(y0 + windowY(), h);
    for (let ox = 0; ox < ow; ox++) {
      const x0 = ox * strideX() - padLeft(), left = max(x0, 0), right = min(x0 + windowX(), w), from = dy + (<usize>((oy * ow + ox) * c) << 2);
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
        const to = dx + (<usize>((y * w + x) * c) << 2);
        for (let i: usize = 0; i < <usize>c << 2; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i) * factor);
      }
    }
  }
}

/** Σ over the middle axis of [outer][middle][channels], times a factor. Chunk: one of outer. */
export function spatialSum(chunk: i32, scratch: usize): void {
  const middle = int(2), c = int(3), factor = f32x4.splat(float(4)), pixel = <usize>c << 2;
  const from = ptr(0) + <usize>chunk * <usize>middle * pixel, to = ptr(1) + <usize>chunk * pixel, end = from + <usize>middle * pixel;
  for (let i = 0; i < c; i += 4) {
    let sum = zero();
    for (let p = from + (<usize>i << 2); p < end; p += pixel) sum = add(sum, ld(p));
    stPart(to + (<usize>i << 2), mul(sum, factor), c - i);
  }
}

/** Every `stride`-th pixel, zero channels before and after. Chunk: one row of the output of one image. */
export function padShortcut(chunk: i32, scratch: usize): void {
  const x = ptr(0), y = ptr(1), h = int(2), w = int(3), c = int(4), stride = int(5), before = int(6), after = int(7);
  const oh = (h + stride - 1) / stride, ow = (w + stride - 1) / stride, image = chunk / oh, oy = chunk - image * oh;
  let to = y + (<usize>(chunk * ow * (before + c + after)) << 2);
  for (let ox = 0; ox < ow; ox++) {
    memory.fill(to, 0, <usize>before << 2);
    to += <usize>before << 2;
    memory.copy(to, x + (<usize>(((image * h + oy * stride) * w + ox * stride) * c) << 2), <usize>c << 2);
    to += <usize>c << 2;
    memory.fill(to, 0, <usize>after << 2);
    to += <usize>after << 2;
  }
}

/** The way back. Chunk: one row of dx of one image. */
export function padShortcutGrad(chunk: i32, scratch: usize): void {
  const dy = ptr(0), dx = ptr(1), h = int(2), w = int(3), c = int(4), stride = int(5), before = int(6), outChannels = int(7);
  const oh = (h + stride - 1) / stride, ow = (w + stride - 1) / stride, image = chunk / h, y = chunk - image * h;
  const to = dx + (<usize>(chunk * w * c) << 2);
  memory.fill(to, 0, <usize>(w * c) << 2);
  if (y % stride) return;
  const from = dy + (<usize>((image * oh + y / stride) * ow * outChannels + before) << 2);
  for (let ox = 0; ox < ow; ox++) memory.copy(to + (<usize>(ox * stride * c) << 2), from + (<usize>(ox * outChannels) << 2), <usize>c << 2);
}
