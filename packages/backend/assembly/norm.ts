// Batch normalization over rows of `channels` values. Statistics go by fixed blocks of rows, combined in order, so that they do not
// depend on the number of threads; within a block by two passes, so that a large mean costs no accuracy.

import { argumentsOf } from './arguments';
import {
  ChannelFactors, NormApply, NormGradientApply, NormGradientSums, NormGradientSumsFinish, NormStatistics, NormStatisticsFinish, RunningStatistics,
} from './contract';
import { Mask } from '../contract/modes';
import { add, fma, ld, mul, st, sub, zero } from './vec';

/** Mean and sum of squared deviations of a block: [3][channels] each, the third unused. Chunk: one block. */
export function normStatistics(chunk: i32): void {
  const job = argumentsOf<NormStatistics>(), x = job.x, out = job.parts, rows = job.rows, c = job.channels, block = job.block;
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2;
  const from = x + <usize>first * pixel, gap = <usize>((c + 3) & ~3) << 2, mean = out + <usize>(chunk * 3) * gap, square = mean + gap;
  const end = from + <usize>count * pixel, scale = f32x4.splat(<f32>1 / <f32>count);
  let group = 0;
  for (; group + 16 <= c; group += 16) {
    const at = <usize>group << 2;
    let a = zero(), b = zero(), d = zero(), e = zero();
    for (let p = from + at; p < end; p += pixel) { a = add(a, ld(p)); b = add(b, v128.load(p, 16)); d = add(d, v128.load(p, 32)); e = add(e, v128.load(p, 48)); }
    a = mul(a, scale); b = mul(b, scale); d = mul(d, scale); e = mul(e, scale);
    let qa = zero(), qb = zero(), qd = zero(), qe = zero();
    for (let p = from + at; p < end; p += pixel) {
      let v = sub(ld(p), a); qa = fma(qa, v, v);
      v = sub(v128.load(p, 16), b); qb = fma(qb, v, v);
      v = sub(v128.load(p, 32), d); qd = fma(qd, v, v);
      v = sub(v128.load(p, 48), e); qe = fma(qe, v, v);
    }
    let q = mean + at;
    v128.store(q, a); v128.store(q, b, 16); v128.store(q, d, 32); v128.store(q, e, 48);
    q = square + at;
    v128.store(q, qa); v128.store(q, qb, 16); v128.store(q, qd, 32); v128.store(q, qe, 48);
  }
  for (; group < c; group++) {
    const at = <usize>group << 2;
    let a: f32 = 0, q: f32 = 0;
    for (let p = from + at; p < end; p += pixel) a += load<f32>(p);
    a /= <f32>count;
    for (let p = from + at; p < end; p += pixel) { const v = load<f32>(p) - a; q += v * v; }
    store<f32>(mean + at, a);
    store<f32>(square + at, q);
  }
}

/** Mean and biased variance from the blocks (Chan et al. 1979). One chunk. */
export function normStatisticsFinish(): void {
  const job = argumentsOf<NormStatisticsFinish>(), parts = job.parts, mean = job.mean, variance = job.variance;
  const rows = job.rows, c = job.channels, block = job.block, gap = <usize>((c + 3) & ~3) << 2;
  for (let i = 0; i < c; i++) {
    let n: f64 = 0, m: f64 = 0, q: f64 = 0, p = parts + (<usize>i << 2);
    for (let first = 0; first < rows; first += block) {
      const count = <f64>min(block, rows - first), d = <f64>load<f32>(p) - m, sum = n + count;
      m += d * count / sum;
      q += <f64>load<f32>(p + gap) + d * d * n * count / sum;
      n = sum;
      p += 3 * gap;
    }
    store<f32>(mean + (<usize>i << 2), <f32>m);
    store<f32>(variance + (<usize>i << 2), <f32>(q / n));
  }
}

/** y = a·x + b (+ extra), then relu if asked. Factors are per channel. Chunk: a block of rows. */
export function normApply(chunk: i32): void {
  const job = argumentsOf<NormApply>(), x = job.x, y = job.y, a = job.factors, c = job.channels, block = job.block, rows = job.rows;
  const clamp = job.relu, extra = job.extra;
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2, begin = <usize>first * pixel, end = begin + <usize>count * pixel;
  const b = a + (<usize>((c + 3) & ~3) << 2);
  if ((c & 15) == 0) {
    if (extra) applyLines(x, y, a, b, pixel, begin, end, true, extra, clamp);
    else applyLines(x, y, a, b, pixel, begin, end, false, 0, clamp);
    return;
  }
  for (let p = begin; p < end; p += pixel) {
    for (let i: usize = 0; i < pixel; i += 4) {
      let v = load<f32>(x + p + i) * load<f32>(a + i) + load<f32>(b + i);
      if (extra) v += load<f32>(extra + p + i);
      store<f32>(y + p + i, clamp ? max<f32>(v, 0) : v);
    }
  }
}

/** `normApply` by lines of 64 bytes. */
// @ts-ignore: decorator
@inline function applyLines(x: usize, y: usize, a: usize, b: usize, pixel: usize, begin: usize, end: usize, hasExtra: bool, extra: usize, clamp: i32): void {
  // Without relu everything is above the floor.
  const floor = f32x4.splat(clamp ? 0 : -Infinity);
  for (let i: usize = 0; i < pixel; i += 64) {
    const a0 = ld(a + i), a1 = v128.load(a + i, 16), a2 = v128.load(a + i, 32), a3 = v128.load(a + i, 48);
    const b0 = ld(b + i), b1 = v128.load(b + i, 16), b2 = v128.load(b + i, 32), b3 = v128.load(b + i, 48);
    for (let p = begin + i; p < end; p += pixel) {
      const from = x + p, to = y + p, more = extra + p;
      let v0 = fma(b0, ld(from), a0), v1 = fma(b1, v128.load(from, 16), a1), v2 = fma(b2, v128.load(from, 32), a2), v3 = fma(b3, v128.load(from, 48), a3);
      if (hasExtra) { v0 = add(v0, ld(more)); v1 = add(v1, v128.load(more, 16)); v2 = add(v2, v128.load(more, 32)); v3 = add(v3, v128.load(more, 48)); }
      st(to, f32x4.pmax(v0, floor));
      v128.store(to, f32x4.pmax(v1, floor), 16);
      v128.store(to, f32x4.pmax(v2, floor), 32);
      v128.store(to, f32x4.pmax(v3, floor), 48);
    }
  }
}

/**
 * Σg and Σg·(x − mean) of a block: [3][channels] each, the third unused. g is dy, or what of dy a relu after the normalization lets through;
 * then g is stored. Chunk: one block.
 */
export function normGradientSums(chunk: i32): void {
  const job = argumentsOf<NormGradientSums>(), dy = job.dy, x = job.x, mean = job.mean, out = job.parts, rows = job.rows, c = job.channels, block = job.block;
  const mask = job.mask, y = job.maskSource, g = job.g;
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2, begin = <usize>first * pixel, end = begin + <usize>count * pixel;
  const gap = <usize>((c + 3) & ~3) << 2, sums = out + <usize>(chunk * 3) * gap, whole = pixel & ~15;
  memory.fill(sums, 0, 2 * gap);
  // By pieces that stay in the first cache while all groups of channels pass.
  const piece = max<usize>(1, 6144 / pixel) * pixel;
  for (let from = begin; from < end; from += piece) {
    const to = min(end, from + piece);
    for (let group: usize = 0; group < whole; group += 16) {
      const a = y + group, own = sums + group, m = mean + group;
      if (mask == Mask.All) sumAll(dy, x, from + group, to, pixel, m, own, gap);
      else if (mask == Mask.ByOutput) sumByOutput(dy, x, y, g, from + group, to, pixel, m, own, gap);
      else sumByInput(dy, x, a, g, from + group, to, pixel, m, own, gap);
    }
  }
  for (let group = whole; group < pixel; group += 4) {
    let s: f32 = 0, q: f32 = 0;
    const m = load<f32>(mean + group);
    for (let p = begin + group; p < end; p += pixel) {
      let d = load<f32>(dy + p);
      if (mask != Mask.All) {
        const output = mask == Mask.ByOutput ? load<f32>(y + p) : load<f32>(x + p) * load<f32>(y + group) + load<f32>(y + gap + group);
        if (!(output > 0)) d = 0;
        store<f32>(g + p, d);
      }
      s += d;
      q += d * (load<f32>(x + p) - m);
    }
    store<f32>(sums + group, s);
    store<f32>(sums + gap + group, q);
  }
}

function sumAll(dy: usize, x: usize, from: usize, to: usize, pixel: usize, mean: usize, sums: usize, gap: usize): void {
  const m = ld(mean);
  let s = ld(sums), q = ld(sums + gap);
  for (; from < to; from += pixel) {
    const d = ld(dy + from);
    s = add(s, d); q = fma(q, d, sub(ld(x + from), m));
  }
  st(sums, s);
  st(sums + gap, q);
}

function sumByOutput(dy: usize, x: usize, y: usize, g: usize, from: usize, to: usize, pixel: usize, mean: usize, sums: usize, gap: usize): void {
  const m = ld(mean);
  let s = ld(sums), q = ld(sums + gap);
  for (; from < to; from += pixel) {
    const d = v128.and(ld(dy + from), f32x4.gt(ld(y + from), zero()));
    st(g + from, d);
    s = add(s, d); q = fma(q, d, sub(ld(x + from), m));
  }
  st(sums, s);
  st(sums + gap, q);
}

function sumByInput(dy: usize, x: usize, factors: usize, g: usize, from: usize, to: usize, pixel: usize, mean: usize, sums: usize, gap: usize): void {
  const m = ld(mean), a = ld(factors), b = ld(factors + gap);
  let s = ld(sums), q = ld(sums + gap);
  for (; from < to; from += pixel) {
    const v = ld(x + from), d = v128.and(ld(dy + from), f32x4.gt(fma(b, v, a), zero()));
    st(g + from, d);
    s = add(s, d); q = fma(q, d, sub(v, m));
  }
  st(sums, s);
  st(sums + gap, q);
}

/** dScale, dOffset, and the factors of dx = a·g + b·x + c. One chunk. */
export function normGradientSumsFinish(): void {
  const job = argumentsOf<NormGradientSumsFinish>(), parts = job.parts, scale = job.scale, mean = job.mean, variance = job.variance;
  const dScale = job.dScale, dOffset = job.dOffset, factors = job.factors, rows = job.rows, c = job.channels, count = job.count, epsilon = job.epsilon;
  const pixel = <usize>c << 2, gap = <usize>((c + 3) & ~3) << 2;
  memory.fill(factors, 0, 3 * gap);
  for (let i: usize = 0; i < pixel; i += 4) {
    let s: f64 = 0, q: f64 = 0, p = parts + i;
    for (let j = 0; j < count; j++) { s += <f64>load<f32>(p); q += <f64>load<f32>(p + gap); p += 3 * gap; }
    const inverse = 1 / sqrt<f64>(<f64>load<f32>(variance + i) + <f64>epsilon), a = <f64>load<f32>(scale + i) * inverse;
    const b = -a * inverse * inverse * q / <f64>rows;
    store<f32>(dOffset + i, <f32>s);
    store<f32>(dScale + i, <f32>(q * inverse));
    store<f32>(factors + i, <f32>a);
    store<f32>(factors + gap + i, <f32>b);
    store<f32>(factors + 2 * gap + i, <f32>(-a * s / <f64>rows - b * <f64>load<f32>(mean + i)));
  }
}

/** dx = a·g + b·x + c. Chunk: a block of rows. */
export function normGradientApply(chunk: i32): void {
  const job = argumentsOf<NormGradientApply>(), g = job.g, x = job.x, a = job.factors, dx = job.dx, rows = job.rows, c = job.channels, block = job.block;
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2, begin = <usize>first * pixel, end = begin + <usize>count * pixel;
  const gap = <usize>((c + 3) & ~3) << 2, b = a + gap, e = b + gap;
  if ((c & 3) == 0) {
    const piece = max<usize>(1, 6144 / pixel) * pixel;
    for (let from = begin; from < end; from += piece) {
      const to = min(end, from + piece);
      for (let i: usize = 0; i < pixel; i += 16) {
        const fa = ld(a + i), fb = ld(b + i), fe = ld(e + i);
        for (let p = from + i; p < to; p += pixel) st(dx + p, fma(fma(fe, ld(x + p), fb), ld(g + p), fa));
      }
    }
    return;
  }
  for (let p = begin; p < end; p += pixel) {
    for (let i: usize = 0; i < pixel; i += 4) {
      store<f32>(dx + p + i, load<f32>(a + i) * load<f32>(g + p + i) + load<f32>(b + i) * load<f32>(x + p + i) + load<f32>(e + i));
    }
  }
}

/** Factors of a·x + b; see the contract. In double precision inside. One chunk. */
export function channelFactors(): void {
  const job = argumentsOf<ChannelFactors>(), pixel = <usize>job.channels << 2, gap = (pixel + 15) & ~15, a = job.factors, b = a + gap;
  memory.fill(a, 0, 2 * gap);
  for (let i: usize = 0; i < pixel; i += 4) {
    const scale: f64 = job.scale ? <f64>load<f32>(job.scale + i) : 1;
    const factor = job.variance ? scale / sqrt<f64>(<f64>load<f32>(job.variance + i) + <f64>job.epsilon) : scale;
    const mean: f64 = job.mean ? <f64>load<f32>(job.mean + i) : 0, offset: f64 = job.offset ? <f64>load<f32>(job.offset + i) : 0;
    store<f32>(a + i, <f32>factor);
    store<f32>(b + i, <f32>(offset - mean * factor));
  }
}

/** Moves running statistics towards those of a batch. One chunk. */
export function runningStatistics(): void {
  const job = argumentsOf<RunningStatistics>(), last = <usize>job.channels << 2, keep = f32x4.splat(job.keep);
  const addMean = f32x4.splat(job.addMean), addVariance = f32x4.splat(job.addVariance);
  for (let i: usize = 0; i < last; i += 16) {
    st(job.nextMean + i, add(mul(ld(job.runningMean + i), keep), mul(ld(job.mean + i), addMean)));
    st(job.nextVariance + i, add(mul(ld(job.runningVariance + i), keep), mul(ld(job.variance + i), addVariance)));
  }
}
