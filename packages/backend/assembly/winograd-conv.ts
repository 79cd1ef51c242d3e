// The three passes of a 3×3 stride-1 convolution in the transformed domain. NHWC, any size, any padding up to 2, any channels.
// A strip is one row of tiles of one image; a block is some strips that are transformed and multiplied together.

import { argumentsOf } from './arguments';
import { WinogradBackward, WinogradFilterGradient, WinogradForward, WinogradPass } from './contract';
import {
  WINOGRAD_INSIDE as INSIDE_BYTES, WINOGRAD_M as M_BYTES, WINOGRAD_STRIPS as STRIPS_BYTES, WINOGRAD_TILE as TILE_BYTES, WINOGRAD_ZEROS as ZEROS_BYTES,
} from '../contract/layout';
import { gemm, gemmTransposed } from './gemm';
import { InputMode, OutputMode } from '../contract/modes';
import { add, fma, ld, mul, relu, st, stPart, sub, zero } from './vec';
import { filterPlane, gradientColumn, gradientRow, inputColumn, inputRow, LOCAL, outputColumn, outputRow, PLANE, STRIP } from './winograd';

// Scratch of a thread: V, M or dM, a strip for each of the two, a tile, which of six rows are inside of the image, and a row of zeros.
const M: usize = M_BYTES;
const STRIPS: usize = STRIPS_BYTES;
const TILE: usize = TILE_BYTES;
const INSIDE: usize = INSIDE_BYTES;
const ZEROS: usize = ZEROS_BYTES;

/** Bᵀ over the rows of `count` columns, four channels. Rows outside of the image are pointed at zeros. */
function inputColumns(r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, pixel: usize, count: i32, to: usize): void {
  const end = to + (<usize>count << 4);
  while (to < end) {
    inputColumn(ld(r0), ld(r1), ld(r2), ld(r3), ld(r4), ld(r5), to);
    r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel; r4 += pixel; r5 += pixel;
    to += 16;
  }
}

/** Like `inputColumns`, of relu(a·x + b): the normalization and relu before this convolution, never stored. */
function reluColumns(
  r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, pixel: usize, count: i32, to: usize, factors: usize, gap: usize, inside: usize,
): void {
  const end = to + (<usize>count << 4), a = ld(factors), b = ld(factors + gap);
  while (to < end) {
    inputColumn(
      v128.and(relu(fma(b, ld(r0), a)), v128.load(inside)),
      v128.and(relu(fma(b, ld(r1), a)), v128.load(inside, 16)),
      v128.and(relu(fma(b, ld(r2), a)), v128.load(inside, 32)),
      v128.and(relu(fma(b, ld(r3), a)), v128.load(inside, 48)),
      v128.and(relu(fma(b, ld(r4), a)), v128.load(inside, 64)),
      v128.and(relu(fma(b, ld(r5), a)), v128.load(inside, 80)),
      to,
    );
    r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel; r4 += pixel; r5 += pixel;
    to += 16;
  }
}

/** a·g + b·x + c: the gradient that leaves a normalization. `x` is given by its distance from `g`. */
// @ts-ignore: decorator
@inline function normGradient(g: usize, x: usize, a: v128, b: v128, c: v128): v128 {
  return fma(fma(c, ld(g + x), b), ld(g), a);
}

/** Like `inputColumns`, of the gradient that leaves a normalization. */
function normGradientColumns(
  r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, pixel: usize, count: i32, to: usize, factors: usize, gap: usize, inside: usize, x: usize,
): void {
  const end = to + (<usize>count << 4), a = ld(factors), b = ld(factors + gap), c = ld(factors + 2 * gap);
  while (to < end) {
    inputColumn(
      v128.and(normGradient(r0, x, a, b, c), v128.load(inside)),
      v128.and(normGradient(r1, x, a, b, c), v128.load(inside, 16)),
      v128.and(normGradient(r2, x, a, b, c), v128.load(inside, 32)),
      v128.and(normGradient(r3, x, a, b, c), v128.load(inside, 48)),
      v128.and(normGradient(r4, x, a, b, c), v128.load(inside, 64)),
      v128.and(normGradient(r5, x, a, b, c), v128.load(inside, 80)),
      to,
    );
    r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel; r4 += pixel; r5 += pixel;
    to += 16;
  }
}

/** Bᵀ over the columns of `count` tiles. */
function inputTiles(strip: usize, count: i32, to: usize): void {
  const end = strip + (<usize>count << 6);
  while (strip < end) {
    inputRow(strip, to);
    inputRow(strip + STRIP, to + 6 * PLANE);
    inputRow(strip + 2 * STRIP, to + 12 * PLANE);
    inputRow(strip + 3 * STRIP, to + 18 * PLANE);
    inputRow(strip + 4 * STRIP, to + 24 * PLANE);
    inputRow(strip + 5 * STRIP, to + 30 * PLANE);
    strip += 64; to += 16;
  }
}

/** A over the rows of `count` columns. */
function gradientColumns(r0: usize, r1: usize, r2: usize, r3: usize, pixel: usize, count: i32, to: usize): void {
  const end = to + (<usize>count << 4);
  while (to < end) {
    gradientColumn(ld(r0), ld(r1), ld(r2), ld(r3), to);
    r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel;
    to += 16;
  }
}

/** Like `gradientColumns`, of the gradient that leaves a normalization. */
function normGradientGradientColumns(
  r0: usize, r1: usize, r2: usize, r3: usize, pixel: usize, count: i32, to: usize, factors: usize, gap: usize, inside: usize, x: usize,
): void {
  const end = to + (<usize>count << 4), a = ld(factors), b = ld(factors + gap), c = ld(factors + 2 * gap);
  while (to < end) {
    gradientColumn(
      v128.and(normGradient(r0, x, a, b, c), v128.load(inside)),
      v128.and(normGradient(r1, x, a, b, c), v128.load(inside, 16)),
      v128.and(normGradient(r2, x, a, b, c), v128.load(inside, 32)),
      v128.and(normGradient(r3, x, a, b, c), v128.load(inside, 48)),
      to,
    );
    r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel;
    to += 16;
  }
}

/** A over the columns of `count` tiles. */
function gradientTiles(strip: usize, count: i32, to: usize): void {
  const end = strip + (<usize>count << 6);
  while (strip < end) {
    gradientRow(strip, to);
    gradientRow(strip + STRIP, to + 6 * PLANE);
    gradientRow(strip + 2 * STRIP, to + 12 * PLANE);
    gradientRow(strip + 3 * STRIP, to + 18 * PLANE);
    gradientRow(strip + 4 * STRIP, to + 24 * PLANE);
    gradientRow(strip + 5 * STRIP, to + 30 * PLANE);
    strip += 64; to += 32;
  }
}

/** Aᵀ over the rows of a tile. */
// @ts-ignore: decorator
@inline function tileColumns(m: usize, tile: usize): void {
  outputColumn(m, tile);
  outputColumn(m + PLANE, tile + 16);
  outputColumn(m + 2 * PLANE, tile + 32);
  outputColumn(m + 3 * PLANE, tile + 48);
  outputColumn(m + 4 * PLANE, tile + 64);
  outputColumn(m + 5 * PLANE, tile + 80);
}

/** `count` whole tiles of four channels. */
function outputTiles(m: usize, count: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize): void {
  for (; count > 0; count--) {
    tileColumns(m, tile);
    outputRow(tile, to, pixel);
    outputRow(tile + LOCAL, to + rowBytes, pixel);
    outputRow(tile + 2 * LOCAL, to + 2 * rowBytes, pixel);
    outputRow(tile + 3 * LOCAL, to + 3 * rowBytes, pixel);
    m += 32; to += pixel << 2;
  }
}

/**
 * Like `outputTiles`, and adds Σ(y − s) and Σ(y − s)² to `sums`, whose third vector is s: a value of this channel, so that nothing cancels.
 */
function statisticsTiles(m: usize, count: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize, sums: usize, gap: usize): void {
  let s1 = ld(sums), s2 = ld(sums + gap);
  const shift = ld(sums + 2 * gap), four = f32x4.splat(4);
  for (; count > 0; count--) {
    tileColumns(m, tile);
    let p = to;
    for (let q = tile; q < tile + 4 * LOCAL; q += LOCAL) {
      const m1 = v128.load(q, 16), m2 = v128.load(q, 32), m3 = v128.load(q, 48), m4 = v128.load(q, 64);
      const a = add(m1, m2), b = sub(m1, m2), c = add(m3, m4), d = sub(m3, m4), d2 = add(d, d);
      const y0 = add(add(v128.load(q), a), c), y1 = add(b, d2), y2 = fma(a, c, four), y3 = add(fma(b, d2, four), v128.load(q, 80));
      st(p, y0); st(p + pixel, y1); st(p + 2 * pixel, y2); st(p + 3 * pixel, y3);
      const e0 = sub(y0, shift), e1 = sub(y1, shift), e2 = sub(y2, shift), e3 = sub(y3, shift);
      s1 = add(s1, add(add(e0, e1), add(e2, e3)));
      // Sums of a row first: one addition at a time waits for the other.
      s2 = add(s2, fma(fma(fma(mul(e0, e0), e1, e1), e2, e2), e3, e3));
      p += rowBytes;
    }
    m += 32; to += pixel << 2;
  }
  st(sums, s1);
  st(sums + gap, s2);
}

/** A gradient at `p`: with what came by the shortcut, and only where the relu let something through. Stored. */
// @ts-ignore: decorator
@inline function through(
  value: v128, v: v128, p: usize, hasExtra: bool, extra: usize, byOutput: bool, y: usize, a: v128, b: v128,
): v128 {
  const whole = hasExtra ? add(value, ld(p + extra)) : value;
  const g = v128.and(whole, f32x4.gt(byOutput ? ld(p + y) : fma(b, v, a), zero()));
  st(p, g);
  return g;
}

/** See `gradientOutputTiles`. Inlined for each of its four cases, so that no pixel has to ask. */
// @ts-ignore: decorator
@inline function gradientOutputCase(
  m: usize, count: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize, sums: usize, gap: usize, hasExtra: bool, extra: usize, byOutput: bool, y: usize,
  x: usize, factors: usize, mean: usize,
): void {
  let s1 = ld(sums), s2 = ld(sums + gap);
  const center = ld(mean), fa = byOutput ? zero() : ld(factors), fb = byOutput ? zero() : ld(factors + gap), four = f32x4.splat(4);
  for (; count > 0; count--) {
    tileColumns(m, tile);
    let row = to;
    for (let q = tile; q < tile + 4 * LOCAL; q += LOCAL) {
      const m1 = v128.load(q, 16), m2 = v128.load(q, 32), m3 = v128.load(q, 48), m4 = v128.load(q, 64);
      const a = add(m1, m2), b = sub(m1, m2), c = add(m3, m4), d = sub(m3, m4), d2 = add(d, d);
      let p = row, v = ld(p + x), g = through(add(add(v128.load(q), a), c), v, p, hasExtra, extra, byOutput, y, fa, fb);
      let sum = g, product = mul(g, sub(v, center));
      p += pixel; v = ld(p + x);
      g = through(add(b, d2), v, p, hasExtra, extra, byOutput, y, fa, fb);
      sum = add(sum, g); product = fma(product, g, sub(v, center));
      p += pixel; v = ld(p + x);
      g = through(fma(a, c, four), v, p, hasExtra, extra, byOutput, y, fa, fb);
      sum = add(sum, g); product = fma(product, g, sub(v, center));
      p += pixel; v = ld(p + x);
      g = through(add(fma(b, d2, four), v128.load(q, 80)), v, p, hasExtra, extra, byOutput, y, fa, fb);
      s1 = add(s1, add(sum, g)); s2 = add(s2, fma(product, g, sub(v, center)));
      row += rowBytes;
    }
    m += 32; to += pixel << 2;
  }
  st(sums, s1);
  st(sums + gap, s2);
}

/**
 * Like `outputTiles` for an input gradient that passes the relu and the normalization before it: adds what came by the shortcut (`extra`), keeps
 * what the relu let through, and adds Σg and Σg·(x − mean) to `sums`. The relu's output or else its input tell what it let through.
 * Other tensors are given by their distance from the output.
 */
function gradientOutputTiles(
  m: usize, count: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize, sums: usize, gap: usize, hasExtra: bool, extra: usize, byOutput: bool, y: usize,
  x: usize, factors: usize, mean: usize,
): void {
  if (hasExtra) {
    if (byOutput) gradientOutputCase(m, count, to, rowBytes, pixel, tile, sums, gap, true, extra, true, y, x, factors, mean);
    else gradientOutputCase(m, count, to, rowBytes, pixel, tile, sums, gap, true, extra, false, y, x, factors, mean);
  } else {
    if (byOutput) gradientOutputCase(m, count, to, rowBytes, pixel, tile, sums, gap, false, extra, true, y, x, factors, mean);
    else gradientOutputCase(m, count, to, rowBytes, pixel, tile, sums, gap, false, extra, false, y, x, factors, mean);
  }
}

/** `count` whole tiles of four channels, a·y + b (+ extra), not less than `floor`. `extra` is a distance from the output. */
// @ts-ignore: decorator
@inline function affineCase(
  m: usize, count: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize, fa: v128, fb: v128, floor: v128, hasExtra: bool, extra: usize,
): void {
  const four = f32x4.splat(4);
  for (; count > 0; count--) {
    tileColumns(m, tile);
    let row = to;
    for (let q = tile; q < tile + 4 * LOCAL; q += LOCAL) {
      const m1 = v128.load(q, 16), m2 = v128.load(q, 32), m3 = v128.load(q, 48), m4 = v128.load(q, 64);
      const a = add(m1, m2), b = sub(m1, m2), c = add(m3, m4), d = sub(m3, m4), d2 = add(d, d);
      let p = row;
      const y0 = fma(fb, add(add(v128.load(q), a), c), fa), y1 = fma(fb, add(b, d2), fa), y2 = fma(fb, fma(a, c, four), fa);
      const y3 = fma(fb, add(fma(b, d2, four), v128.load(q, 80)), fa);
      st(p, f32x4.pmax(hasExtra ? add(y0, ld(p + extra)) : y0, floor)); p += pixel;
      st(p, f32x4.pmax(hasExtra ? add(y1, ld(p + extra)) : y1, floor)); p += pixel;
      st(p, f32x4.pmax(hasExtra ? add(y2, ld(p + extra)) : y2, floor)); p += pixel;
      st(p, f32x4.pmax(hasExtra ? add(y3, ld(p + extra)) : y3, floor));
      row += rowBytes;
    }
    m += 32; to += pixel << 2;
  }
}

/** See `affineCase`. */
function affineTiles(
  m: usize, count: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize, factors: usize, gap: usize, hasExtra: bool, extra: usize, clamp: i32,
): void {
  const fa = factors ? ld(factors) : f32x4.splat(1), fb = factors ? ld(factors + gap) : zero(), floor = f32x4.splat(clamp ? 0 : -Infinity);
  if (hasExtra) affineCase(m, count, to, rowBytes, pixel, tile, fa, fb, floor, true, extra);
  else affineCase(m, count, to, rowBytes, pixel, tile, fa, fb, floor, false, 0);
}

/** One tile, a·y + b (+ extra) and relu if asked, of which only some rows, columns and channels may exist. `extra` is a distance from the output. */
function outputPart(
  m: usize, rows: i32, columns: i32, lanes: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize, factors: usize, gap: usize, hasExtra: bool, extra: usize,
  clamp: i32,
): void {
  tileColumns(m, tile);
  const a = factors ? ld(factors) : f32x4.splat(1), b = factors ? ld(factors + gap) : zero();
  for (let i = 0; i < rows; i++) {
    const row = tile + <usize>i * LOCAL;
    let p = to + <usize>i * rowBytes;
    outputRow(row, row, 16);
    for (let j = 0; j < columns; j++) {
      let value = fma(b, ld(row + (<usize>j << 4)), a);
      if (hasExtra) value = add(value, ld(p + extra));
      if (clamp) value = relu(value);
      stPart(p, value, lanes);
      p += pixel;
    }
  }
}

/** Clears lanes of channels that do not exist. */
function clearLanes(strip: usize, count: i32, lanes: i32): void {
  const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
  for (let i: usize = 0; i < 6; i++) {
    for (let x = 0; x < count; x++) {
      const p = strip + i * STRIP + (<usize>x << 4);
      st(p, v128.and(ld(p), mask));
    }
  }
}

/** Writes six masks: ones for rows of the image, zeros for others. */
function markInside(to: usize, top: i32, h: i32): void {
  for (let i = 0; i < 6; i++) st(to + (<usize>i << 4), i32x4.splat(<u32>(top + i) < <u32>h ? -1 : 0));
}

/** V of one strip: tiles `first`… of the block. `x` is the input, or where it was written out in the cache, which `mode` tells. */
function transformInput(job: WinogradPass, x: usize, mode: i32, index: i32, first: i32, tiles: i32, scratch: usize): void {
  const h = job.height, w = job.width, c = job.inputs, tileRows = (job.outHeight + 3) >> 2, count = (job.outWidth + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4 - job.padTop;
  const pixel = <usize>c << 2, rowBytes = <usize>w * pixel, from0 = x + <usize>(image * h) * rowBytes, from = from0 + <usize>top * rowBytes;
  const strip = scratch + STRIPS, zeros = scratch + ZEROS, inside = scratch + INSIDE;
  const factors = job.inputFactors, other = job.inputOther - x, gap = <usize>((c + 3) & ~3) << 2;
  if (mode != InputMode.Plain) markInside(inside, top, h);
  // Columns that both exist and matter.
  const left = job.padLeft, columns = min(w, count * 4 + 2 - left);
  for (let group = 0; group < c; group += 4) {
    const p = from + (<usize>group << 2);
    const r0 = <u32>top < <u32>h ? p : zeros;
    const r1 = <u32>(top + 1) < <u32>h ? p + rowBytes : zeros;
    const r2 = <u32>(top + 2) < <u32>h ? p + 2 * rowBytes : zeros;
    const r3 = <u32>(top + 3) < <u32>h ? p + 3 * rowBytes : zeros;
    const r4 = <u32>(top + 4) < <u32>h ? p + 4 * rowBytes : zeros;
    const r5 = <u32>(top + 5) < <u32>h ? p + 5 * rowBytes : zeros;
    const to = strip + (<usize>left << 4), own = factors + (<usize>group << 2);
    if (mode == InputMode.Relu) reluColumns(r0, r1, r2, r3, r4, r5, pixel, columns, to, own, gap, inside);
    else if (mode == InputMode.NormGradient) {
      // Rows outside are masked, so that they may read anything that exists.
      normGradientColumns(
        r0 == zeros ? from0 : r0, r1 == zeros ? from0 : r1, r2 == zeros ? from0 : r2, r3 == zeros ? from0 : r3, r4 == zeros ? from0 : r4,
        r5 == zeros ? from0 : r5, pixel, columns, to, own, gap, inside, other,
      );
    } else inputColumns(r0, r1, r2, r3, r4, r5, pixel, columns, to);
    if (c - group < 4) clearLanes(strip, count * 4 + 2, c - group);
    inputTiles(strip, count, scratch + (<usize>((group >> 2) * tiles + first) << 4));
  }
}

/** dM of one strip of output gradients. `dy` and `mode` as `x` and `mode` above. */
function transformGradient(job: WinogradFilterGradient, dy: usize, mode: i32, index: i32, first: i32, tiles: i32, scratch: usize): void {
  const h = job.outHeight, w = job.outWidth, k = job.outputs, tileRows = (h + 3) >> 2, count = (w + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4;
  const pixel = <usize>k << 2, rowBytes = <usize>w * pixel, from = dy + <usize>(image * h + top) * rowBytes;
  const strip = scratch + STRIPS + 6 * STRIP, zeros = scratch + ZEROS, inside = scratch + INSIDE;
  const factors = job.gradientFactors, other = job.gradientOther - dy, gap = <usize>((k + 3) & ~3) << 2;
  if (mode != InputMode.Plain) markInside(inside, top, h);
  for (let group = 0; group < ((k + 7) & ~7); group += 4) {
    const p = from + (<usize>group << 2), exists = group < k;
    if (mode == InputMode.NormGradient && exists) {
      const r1 = top + 1 < h ? p + rowBytes : p, r2 = top + 2 < h ? p + 2 * rowBytes : p, r3 = top + 3 < h ? p + 3 * rowBytes : p;
      normGradientGradientColumns(p, r1, r2, r3, pixel, w, strip, factors + (<usize>group << 2), gap, inside, other);
    } else {
      const r0 = exists ? p : zeros;
      const r1 = exists && top + 1 < h ? p + rowBytes : zeros;
      const r2 = exists && top + 2 < h ? p + 2 * rowBytes : zeros;
      const r3 = exists && top + 3 < h ? p + 3 * rowBytes : zeros;
      gradientColumns(r0, r1, r2, r3, pixel, w, strip);
    }
    if (exists && k - group < 4) clearLanes(strip, w, k - group);
    gradientTiles(strip, count, scratch + M + <usize>((group >> 3) * tiles + first) * 32 + (<usize>(group & 4) << 2));
  }
}

/** y of one strip from M. `sums` belongs to the chunk. */
function transformOutput(job: WinogradForward, index: i32, first: i32, tiles: i32, scratch: usize, sums: usize): void {
  const y = job.y, h = job.outHeight, w = job.outWidth, k = job.outputs, tileRows = (h + 3) >> 2, count = (w + 3) >> 2, gap = <usize>((k + 3) & ~3) << 2;
  const mode = job.outputMode, factors = job.outputFactors, hasExtra = job.extra != 0, extra = job.extra - y, clamp = job.relu, tile = scratch + TILE;
  const byOutput = job.mask != 0, mask = job.mask - y, x = job.normalized - y, mean = job.mean;
  const image = index / tileRows, top = (index - image * tileRows) * 4, rows = min(4, h - top);
  const pixel = <usize>k << 2, rowBytes = <usize>w * pixel, to = y + <usize>(image * h + top) * rowBytes;
  for (let group = 0; group < k; group += 4) {
    const own = <usize>group << 2, m = scratch + M + <usize>((group >> 3) * tiles + first) * 32 + (<usize>(group & 4) << 2), p = to + own;
    if (mode == OutputMode.Statistics) { statisticsTiles(m, count, p, rowBytes, pixel, tile, sums + own, gap); continue; }
    if (mode == OutputMode.Gradient) {
      gradientOutputTiles(m, count, p, rowBytes, pixel, tile, sums + own, gap, hasExtra, extra, byOutput, mask, x, factors + own, mean + own);
      continue;
    }
    const whole = rows == 4 && k - group >= 4 ? w >> 2 : 0;
    if (mode == OutputMode.Affine) affineTiles(m, whole, p, rowBytes, pixel, tile, factors ? factors + own : 0, gap, hasExtra, extra, clamp);
    else outputTiles(m, whole, p, rowBytes, pixel, tile);
    for (let i = whole; i < count; i++) {
      const at = p + <usize>(i * 4) * pixel, columns = min(4, w - i * 4);
      outputPart(m + (<usize>i << 5), rows, columns, k - group, at, rowBytes, pixel, tile, factors ? factors + own : 0, gap, hasExtra, extra, clamp);
    }
  }
}

/** Begins the sums of a block: zeros, and for statistics a value of each channel. */
function beginSums(job: WinogradForward, sums: usize, tiles: i32, scratch: usize): void {
  const k = job.outputs, gap = <usize>((k + 3) & ~3) << 2;
  memory.fill(sums, 0, 2 * gap);
  if (job.outputMode != OutputMode.Statistics) return;
  for (let group = 0; group < k; group += 4) {
    tileColumns(scratch + M + <usize>((group >> 3) * tiles) * 32 + (<usize>(group & 4) << 2), scratch + TILE);
    outputRow(scratch + TILE, scratch + TILE, 16);
    st(sums + 2 * gap + (<usize>group << 2), ld(scratch + TILE));
  }
}

/** Sums about a value to mean and sum of squared deviations. */
function endStatistics(sums: usize, outputs: i32, values: i32): void {
  const gap = <usize>((outputs + 3) & ~3) << 2, inverse = f32x4.splat(<f32>1 / <f32>values);
  for (let i: usize = 0; i < gap; i += 16) {
    const s1 = ld(sums + i), mean = mul(s1, inverse);
    st(sums + gap + i, sub(ld(sums + gap + i), mul(s1, mean)));
    st(sums + i, add(mean, ld(sums + 2 * gap + i)));
  }
}

/** Zeros around what the transforms write: the margins of a strip, and the row that stands for rows outside of the image. */
function clear(strip: usize, columns: i32, zeros: usize, zeroBytes: i32): void {
  for (let i: usize = 0; i < 6; i++) memory.fill(strip + i * STRIP, 0, <usize>columns << 4);
  memory.fill(zeros, 0, zeroBytes + 16);
}

/** y of one block. `staged` as below. */
function forwardBlock(job: WinogradForward, block: i32, scratch: usize, staged: usize): void {
  const per = job.stripsPerBlock, count = (job.outWidth + 3) >> 2, first = block * per, last = min(first + per, job.strips);
  const tiles = (per * count + 3) & ~3, c = (job.inputs + 3) & ~3, k = (job.outputs + 7) & ~7, u = job.filter, gap = filterPlane(c, k);
  const x = job.x + staged, inputMode = staged ? InputMode.Plain : job.inputMode;
  for (let index = first; index < last; index++) {
    transformInput(changetype<WinogradPass>(job), x, inputMode, index, (index - first) * count, tiles, scratch);
  }
  for (let i: usize = 0; i < 36; i++) gemm(scratch + i * PLANE, u + i * gap, scratch + M + i * PLANE, tiles, c, k, 0);
  const mode = job.outputMode, sums = job.parts + <usize>(block * 3) * (<usize>((job.outputs + 3) & ~3) << 2);
  if (mode == OutputMode.Statistics || mode == OutputMode.Gradient) beginSums(job, sums, tiles, scratch);
  for (let index = first; index < last; index++) transformOutput(job, index, (index - first) * count, tiles, scratch, sums);
  if (mode == OutputMode.Statistics) endStatistics(sums, job.outputs, (last - first) * 4 * job.outWidth);
}

/** du = Vᵀ·dM of one block, or du += that. `staged` as below. */
function filterBlock(job: WinogradFilterGradient, block: i32, scratch: usize, staged: usize, du: usize, accumulate: bool): void {
  const per = job.stripsPerBlock, count = (job.outWidth + 3) >> 2, first = block * per, last = min(first + per, job.strips);
  const tiles = (per * count + 3) & ~3, c = (job.inputs + 3) & ~3, k = (job.outputs + 7) & ~7, gap = filterPlane(c, k);
  const dy = job.dy + staged, gradientMode = staged ? InputMode.Plain : job.gradientMode;
  // Tiles that do not exist must count for nothing.
  if ((last - first) * count < tiles) memory.fill(scratch, 0, STRIPS);
  for (let index = first; index < last; index++) {
    transformInput(changetype<WinogradPass>(job), job.x, job.inputMode, index, (index - first) * count, tiles, scratch);
    transformGradient(job, dy, gradientMode, index, (index - first) * count, tiles, scratch);
  }
  for (let i: usize = 0; i < 36; i++) gemmTransposed(scratch + i * PLANE, scratch + M + i * PLANE, du + i * gap, tiles, c, k, accumulate, 0);
}

/** Makes the scratch ready for blocks of a pass. */
function prepare(job: WinogradPass, scratch: usize): void {
  const columns = ((job.outWidth + 3) & ~3) + 2;
  clear(scratch + STRIPS, columns, scratch + ZEROS, max(job.width * job.inputs, job.outWidth * job.outputs) << 2);
  clear(scratch + STRIPS + 6 * STRIP, columns, scratch + ZEROS, 0);
}

/**
 * y = x ∗ w, from an input and to an output as the modes say. Chunk: one block. Also the input gradient, with the flipped filter.
 * Statistics and gradient modes need whole tiles and channels in fours.
 */
export function winogradForward(chunk: i32, scratch: usize): void {
  const job = argumentsOf<WinogradForward>();
  prepare(changetype<WinogradPass>(job), scratch);
  forwardBlock(job, chunk, scratch, 0);
}

/**
 * Writes out a·g + b·x + c for the rows of a block and the one above and below: input and filter gradient both read it, so that it pays to compute it once, in
 * the cache. Returns the distance from where it would lie.
 */
function stage(job: WinogradForward, block: i32, scratch: usize): usize {
  const h = job.height, c = job.inputs, pixel = <usize>c << 2, rowBytes = <usize>job.width * pixel, tileRows = (h + 3) >> 2;
  const first = block * job.stripsPerBlock, last = min(first + job.stripsPerBlock, job.strips) - 1;
  const from = max(0, rowOf(first, tileRows, h) - 1), to = min(rowOf(last, tileRows, h) + 5, job.strips / tileRows * h);
  const g = job.x, x = job.inputOther - g, a = job.inputFactors, gap = <usize>((c + 3) & ~3) << 2;
  const begin = g + <usize>from * rowBytes, end = g + <usize>to * rowBytes, staged = ((scratch + ZEROS + rowBytes + 79) & ~63) - begin;
  for (let row = begin; row < end; row += rowBytes) {
    for (let i: usize = 0; i < pixel; i += 16) {
      const fa = ld(a + i), fb = ld(a + gap + i), fc = ld(a + 2 * gap + i);
      for (let p = row + i; p < row + rowBytes; p += pixel) st(p + staged, normGradient(p, x, fa, fb, fc));
    }
  }
  return staged;
}

/** The first row of a strip, counted through all images. */
// @ts-ignore: decorator
@inline function rowOf(strip: i32, tileRows: i32, h: i32): i32 { return strip / tileRows * h + strip % tileRows * 4; }

/** A chunk's own partial result. */
// @ts-ignore: decorator
@inline function partial(job: WinogradFilterGradient, chunk: i32): usize {
  return job.partials + 36 * filterPlane((job.inputs + 3) & ~3, (job.outputs + 7) & ~7) * <usize>chunk;
}

/** The block behind the last of a chunk. */
// @ts-ignore: decorator
@inline function endOf(job: WinogradFilterGradient, chunk: i32): i32 {
  return min((chunk + 1) * job.blocksPerChunk, (job.strips + job.stripsPerBlock - 1) / job.stripsPerBlock);
}

/** dU = Σ Vᵀ·dM over the blocks of a chunk, into the chunk's own partial result. */
export function winogradFilterGradient(chunk: i32, scratch: usize): void {
  const job = argumentsOf<WinogradFilterGradient>(), du = partial(job, chunk), from = chunk * job.blocksPerChunk, to = endOf(job, chunk);
  prepare(changetype<WinogradPass>(job), scratch);
  for (let block = from; block < to; block++) filterBlock(job, block, scratch, 0, du, block > from);
}

/** Input and filter gradient of one convolution together, so that what both read is read once. Chunk: as in `winogradFilterGradient`. */
export function winogradBackward(chunk: i32, scratch: usize): void {
  const job = argumentsOf<WinogradBackward>(), input = job.input, filter = job.filter;
  const du = partial(filter, chunk), from = chunk * filter.blocksPerChunk, to = endOf(filter, chunk);
  const staging = input.inputMode == InputMode.NormGradient && (input.inputs & 3) == 0;
  prepare(changetype<WinogradPass>(input), scratch);
  for (let block = from; block < to; block++) {
    const staged = staging ? stage(input, block, scratch) : 0;
    forwardBlock(input, block, scratch, staged);
    filterBlock(filter, block, scratch, staged, du, block > from);
  }
}
