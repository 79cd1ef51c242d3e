// Batch normalisation over rows of `channels` values. Statistics go by fixed blocks of rows, combined in order, so that they do not
// depend on the number of threads; within a block by two passes, so that a large mean costs no accuracy.

import { float, int, ptr } from './args';
import { add, fma, ld, mul, relu, st, sub, zero } from './vec';

/** Mean and sum of squared deviations of a block: [2][channels] each. Chunk: one block. */
export function normStatistics(chunk: i32, scratch: usize): void {
  const x = ptr(0), out = ptr(1), rows = int(2), c = int(3), block = int(4);
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2;
  const from = x + <usize>first * pixel, mean = out + <usize>(chunk * 2) * pixel, square = mean + pixel;
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
export function normStatisticsFinish(chunk: i32, scratch: usize): void {
  const parts = ptr(0), mean = ptr(1), variance = ptr(2), rows = int(3), c = int(4), block = int(5), pixel = <usize>c << 2;
  for (let i = 0; i < c; i++) {
    let n: f64 = 0, m: f64 = 0, q: f64 = 0, p = parts + (<usize>i << 2);
    for (let first = 0; first < rows; first += block) {
      const count = <f64>min(block, rows - first), d = <f64>load<f32>(p) - m, sum = n + count;
      m += d * count / sum;
      q += <f64>load<f32>(p + pixel) + d * d * n * count / sum;
      n = sum;
      p += 2 * pixel;
    }
    store<f32>(mean + (<usize>i << 2), <f32>m);
    store<f32>(variance + (<usize>i << 2), <f32>(q / n));
  }
}

/** y = (x − mean)·factor + offset, then relu if asked. Factors are per channel. Chunk: a block of rows. */
export function normApply(chunk: i32, scratch: usize): void {
  const x = ptr(0), y = ptr(1), mean = ptr(2), variance = ptr(3), scale = ptr(4), offset = ptr(5), rows = int(6), c = int(7), block = int(8);
  const clamp = int(9), epsilon = float(10), residual = ptr(11);
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2, begin = <usize>first * pixel, end = begin + <usize>count * pixel;
  for (let i: usize = 0; i < pixel; i += 4) {
    store<f32>(scratch + i, (scale ? load<f32>(scale + i) : 1) / sqrt<f32>(load<f32>(variance + i) + epsilon));
    store<f32>(scratch + pixel + i, offset ? load<f32>(offset + i) : 0);
    store<f32>(scratch + 2 * pixel + i, load<f32>(mean + i));
  }
  const shifts = scratch + pixel, means = scratch + 2 * pixel;
  for (let p = begin; p < end; p += pixel) {
    let i: usize = 0;
    for (; i + 16 <= pixel; i += 16) {
      let v = fma(ld(shifts + i), sub(ld(x + p + i), ld(means + i)), ld(scratch + i));
      if (residual) v = add(v, ld(residual + p + i));
      if (clamp) v = relu(v);
      st(y + p + i, v);
    }
    for (; i < pixel; i += 4) {
      let v = (load<f32>(x + p + i) - load<f32>(means + i)) * load<f32>(scratch + i) + load<f32>(shifts + i);
      if (residual) v += load<f32>(residual + p + i);
      store<f32>(y + p + i, clamp ? max<f32>(v, 0) : v);
    }
  }
}

/** Σdy and Σdy·(x − mean) of a block: [2][channels] each. Chunk: one block. */
export function normGradSums(chunk: i32, scratch: usize): void {
  const dy = ptr(0), x = ptr(1), mean = ptr(2), out = ptr(3), rows = int(4), c = int(5), block = int(6);
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2, begin = <usize>first * pixel, end = begin + <usize>count * pixel;
  const sums = out + <usize>(chunk * 2) * pixel, products = sums + pixel;
  let group: usize = 0;
  for (; group + 64 <= pixel; group += 64) {
    const m0 = ld(mean + group), m1 = v128.load(mean + group, 16), m2 = v128.load(mean + group, 32), m3 = v128.load(mean + group, 48);
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero(), q0 = zero(), q1 = zero(), q2 = zero(), q3 = zero();
    for (let p = begin + group; p < end; p += pixel) {
      const g = dy + p, v = x + p;
      let d = ld(g); s0 = add(s0, d); q0 = fma(q0, d, sub(ld(v), m0));
      d = v128.load(g, 16); s1 = add(s1, d); q1 = fma(q1, d, sub(v128.load(v, 16), m1));
      d = v128.load(g, 32); s2 = add(s2, d); q2 = fma(q2, d, sub(v128.load(v, 32), m2));
      d = v128.load(g, 48); s3 = add(s3, d); q3 = fma(q3, d, sub(v128.load(v, 48), m3));
    }
    const s = sums + group, q = products + group;
    v128.store(s, s0); v128.store(s, s1, 16); v128.store(s, s2, 32); v128.store(s, s3, 48);
    v128.store(q, q0); v128.store(q, q1, 16); v128.store(q, q2, 32); v128.store(q, q3, 48);
  }
  for (; group < pixel; group += 4) {
    let s: f32 = 0, q: f32 = 0;
    const m = load<f32>(mean + group);
    for (let p = begin + group; p < end; p += pixel) { const d = load<f32>(dy + p); s += d; q += d * (load<f32>(x + p) - m); }
    store<f32>(sums + group, s);
    store<f32>(products + group, q);
  }
}

/** dScale, dOffset, and the three factors a, b, c of dx = a·dy + b·(x − mean) + c. One chunk. */
export function normGradSumsFinish(chunk: i32, scratch: usize): void {
  const parts = ptr(0), scale = ptr(1), variance = ptr(2), dScale = ptr(3), dOffset = ptr(4), factors = ptr(5);
  const rows = int(6), c = int(7), block = int(8), epsilon = float(9), pixel = <usize>c << 2;
  for (let i: usize = 0; i < pixel; i += 4) {
    let s: f64 = 0, q: f64 = 0, p = parts + i;
    for (let first = 0; first < rows; first += block) { s += <f64>load<f32>(p); q += <f64>load<f32>(p + pixel); p += 2 * pixel; }
    const inverse = 1 / sqrt<f64>(<f64>load<f32>(variance + i) + <f64>epsilon), a = <f64>load<f32>(scale + i) * inverse;
    store<f32>(dOffset + i, <f32>s);
    store<f32>(dScale + i, <f32>(q * inverse));
    store<f32>(factors + i, <f32>a);
    store<f32>(factors + pixel + i, <f32>(-a * inverse * inverse * q / <f64>rows));
    store<f32>(factors + 2 * pixel + i, <f32>(-a * s / <f64>rows));
  }
}

/** dx = a·dy + b·(x − mean) + c. Chunk: a block of rows. */
export function normGradApply(chunk: i32, scratch: usize): void {
  const dy = ptr(0), x = ptr(1), mean = ptr(2), factors = ptr(3), dx = ptr(4), rows = int(5), c = int(6), block = int(7);
  const first = chunk * block, count = min(block, rows - first), pixel = <usize>c << 2, begin = <usize>first * pixel, end = begin + <usize>count * pixel;
  const b = factors + pixel, e = b + pixel;
  for (let p = begin; p < end; p += pixel) {
    let i: usize = 0;
    for (; i + 16 <= pixel; i += 16) {
      st(dx + p + i, fma(fma(ld(e + i), ld(factors + i), ld(dy + p + i)), ld(b + i), sub(ld(x + p + i), ld(mean + i))));
    }
    for (; i < pixel; i += 4) {
      store<f32>(dx + p + i, load<f32>(factors + i) * load<f32>(dy + p + i) + load<f32>(b + i) * (load<f32>(x + p + i) - load<f32>(mean + i)) + load<f32>(e + i));
    }
  }
}
