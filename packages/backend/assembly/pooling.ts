// Pooling windows, spatial sums, and the paper's option A. NHWC.

import { argumentsOf } from './arguments';
import { AveragePool, MaxPool, PadShortcut, PadShortcutGradient, PoolGradient, SpatialSum } from './contract';
import { add, ld, mul, st, stPart, zero } from './vec';

/** Largest of each window. Chunk: one row of the output of one image. */
export function maxPool(chunk: i32): void {
  const job = argumentsOf<MaxPool>(), h = job.height, w = job.width, c = job.channels, oh = job.outHeight, ow = job.outWidth, image = chunk / oh, oy = chunk - image * oh;
  const y0 = oy * job.strideY - job.padTop, top = max(y0, 0), bottom = min(y0 + job.windowHeight, h);
  for (let ox = 0; ox < ow; ox++) {
    const x0 = ox * job.strideX - job.padLeft, left = max(x0, 0), right = min(x0 + job.windowWidth, w);
    const to = job.y + (<usize>((chunk * ow + ox) * c) << 2);
    for (let i = 0; i < c; i += 4) {
      let best = f32x4.splat(-Infinity);
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
        best = f32x4.max(best, ld(job.x + (<usize>(((image * h + y) * w + x) * c + i) << 2)));
      }
      stPart(to + (<usize>i << 2), best, c - i);
    }
  }
}

/** Gives each dy to the first largest of its window. Chunk: one image. */
export function maxPoolGradient(chunk: i32): void {
  const job = argumentsOf<PoolGradient>(), h = job.height, w = job.width, c = job.channels, oh = job.outHeight, ow = job.outWidth;
  const x = job.x + (<usize>(chunk * h * w * c) << 2), dx = job.dx + (<usize>(chunk * h * w * c) << 2), dy = job.dy + (<usize>(chunk * oh * ow * c) << 2);
  memory.fill(dx, 0, <usize>(h * w * c) << 2);
  for (let oy = 0; oy < oh; oy++) {
    const y0 = oy * job.strideY - job.padTop, top = max(y0, 0), bottom = min(y0 + job.windowHeight, h);
    for (let ox = 0; ox < ow; ox++) {
      const x0 = ox * job.strideX - job.padLeft, left = max(x0, 0), right = min(x0 + job.windowWidth, w);
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
export function averagePool(chunk: i32): void {
  const job = argumentsOf<AveragePool>(), h = job.height, w = job.width, c = job.channels, oh = job.outHeight, ow = job.outWidth, image = chunk / oh, oy = chunk - image * oh;
  const y0 = oy * job.strideY - job.padTop, top = max(y0, 0), bottom = min(y0 + job.windowHeight, h);
  for (let ox = 0; ox < ow; ox++) {
    const x0 = ox * job.strideX - job.padLeft, left = max(x0, 0), right = min(x0 + job.windowWidth, w);
    const to = job.y + (<usize>((chunk * ow + ox) * c) << 2), factor = f32x4.splat(<f32>1 / <f32>((bottom - top) * (right - left)));
    for (let i = 0; i < c; i += 4) {
      let sum = zero();
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
        sum = add(sum, ld(job.x + (<usize>(((image * h + y) * w + x) * c + i) << 2)));
      }
      stPart(to + (<usize>i << 2), mul(sum, factor), c - i);
    }
  }
}

/** Spreads dy / (window area) over each window, what lies outside included as tfjs has it. Chunk: one image. */
export function averagePoolGradient(chunk: i32): void {
  const job = argumentsOf<PoolGradient>(), h = job.height, w = job.width, c = job.channels, oh = job.outHeight, ow = job.outWidth;
  const dx = job.dx + (<usize>(chunk * h * w * c) << 2), dy = job.dy + (<usize>(chunk * oh * ow * c) << 2);
  const factor: f32 = 1.0 / <f32>(job.windowHeight * job.windowWidth);
  memory.fill(dx, 0, <usize>(h * w * c) << 2);
  for (let oy = 0; oy < oh; oy++) {
    const y0 = oy * job.strideY - job.padTop, top = max(y0, 0), bottom = min(y0 + job.windowHeight, h);
    for (let ox = 0; ox < ow; ox++) {
      const x0 = ox * job.strideX - job.padLeft, left = max(x0, 0), right = min(x0 + job.windowWidth, w), from = dy + (<usize>((oy * ow + ox) * c) << 2);
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
        const to = dx + (<usize>((y * w + x) * c) << 2);
        for (let i: usize = 0; i < <usize>c << 2; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i) * factor);
      }
    }
  }
}

/** Σ over the middle axis of [outer][middle][channels], times a factor. Chunk: one of outer. */
export function spatialSum(chunk: i32): void {
  const job = argumentsOf<SpatialSum>(), middle = job.middle, c = job.channels, factor = f32x4.splat(job.factor), pixel = <usize>c << 2;
  const from = job.x + <usize>chunk * <usize>middle * pixel, to = job.y + <usize>chunk * pixel, end = from + <usize>middle * pixel;
  for (let i = 0; i < c; i += 4) {
    let sum = zero();
    for (let p = from + (<usize>i << 2); p < end; p += pixel) sum = add(sum, ld(p));
    stPart(to + (<usize>i << 2), mul(sum, factor), c - i);
  }
}

/** Every `stride`-th pixel, zero channels before and after. Chunk: one row of the output of one image. */
export function padShortcut(chunk: i32): void {
  const job = argumentsOf<PadShortcut>(), x = job.x, y = job.y, h = job.height, w = job.width, c = job.channels;
  const stride = job.stride, before = job.before, after = job.after;
  const oh = (h + stride - 1) / stride, ow = (w + stride - 1) / stride, image = chunk / oh, oy = chunk - image * oh;
  let to = y + (<usize>(chunk * ow * (before + c + after)) << 2), from = x + (<usize>((image * h + oy * stride) * w * c) << 2);
  for (let ox = 0; ox < ow; ox++) {
    to = clear(to, before);
    copy(to, from, c);
    to = clear(to + (<usize>c << 2), after);
    from += <usize>(stride * c) << 2;
  }
}

/** `count` zeros; returns what is behind them. */
// @ts-ignore: decorator
@inline function clear(to: usize, count: i32): usize {
  const end = to + (<usize>count << 2), last = end - 15;
  for (; to < last; to += 16) st(to, zero());
  for (; to < end; to += 4) store<f32>(to, 0);
  return end;
}

/** `count` floats. A loop: bulk operations cost a call for each pixel. */
// @ts-ignore: decorator
@inline function copy(to: usize, from: usize, count: i32): void {
  const bytes = <usize>count << 2;
  let i: usize = 0;
  for (; i + 15 < bytes; i += 16) st(to + i, ld(from + i));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
}

/** The way back. Chunk: one row of dx of one image. */
export function padShortcutGradient(chunk: i32): void {
  const job = argumentsOf<PadShortcutGradient>(), dy = job.dy, dx = job.dx, h = job.height, w = job.width, c = job.channels;
  const stride = job.stride, before = job.before, outChannels = job.outChannels;
  const oh = (h + stride - 1) / stride, ow = (w + stride - 1) / stride, image = chunk / h, y = chunk - image * h;
  const to = dx + (<usize>(chunk * w * c) << 2);
  memory.fill(to, 0, <usize>(w * c) << 2);
  if (y % stride) return;
  const from = dy + (<usize>((image * oh + y / stride) * ow * outChannels + before) << 2);
  for (let ox = 0; ox < ow; ox++) copy(to + (<usize>(ox * stride * c) << 2), from + (<usize>(ox * outChannels) << 2), c);
}
