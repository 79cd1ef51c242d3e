// The three passes of a 3×3 stride-1 convolution in the transformed domain. NHWC, any size, any padding up to 2, any channels.
// A strip is one row of tiles of one image; a block is some strips that are transformed and multiplied together.

import { ARGUMENTS } from './layout';
import { gemm, gemmTransposed } from './gemm';
import { add, fma, ld, mul, relu, st, stPart, sub, zero } from './vec';
import { filterPlane, gradientColumn, gradientRow, inputColumn, inputRow, LOCAL, outputColumn, outputRow, PLANE, STRIP } from './winograd';

// Arguments of a pass. An input and a filter gradient done together have two sets.
const FILTER_ARGUMENTS = ARGUMENTS + 256;
/** Where the current pass has its arguments. Each thread has its own. */
let base: usize = ARGUMENTS;
// @ts-ignore: decorator
@inline function int(i: i32): i32 { return load<i32>(base + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline function ptr(i: i32): usize { return load<usize>(base + (<usize>i << 2)); }

/** Whether the current pass is the filter's part of the two. */
// @ts-ignore: decorator
@inline function isFiltering(): bool { return base == FILTER_ARGUMENTS; }

// Geometry, the same arguments in all passes.
// @ts-ignore: decorator
@inline function height(): i32 { return int(3); }
// @ts-ignore: decorator
@inline function width(): i32 { return int(4); }
// @ts-ignore: decorator
@inline function inputs(): i32 { return int(5); }
// @ts-ignore: decorator
@inline function outHeight(): i32 { return int(6); }
// @ts-ignore: decorator
@inline function outWidth(): i32 { return int(7); }
// @ts-ignore: decorator
@inline function outputs(): i32 { return int(8); }
// @ts-ignore: decorator
@inline function padTop(): i32 { return int(9); }
// @ts-ignore: decorator
@inline function padLeft(): i32 { return int(10); }
// @ts-ignore: decorator
@inline function stripsPerBlock(): i32 { return int(11); }
// @ts-ignore: decorator
@inline function strips(): i32 { return int(12); }

// Scratch of a thread: V, M or dM, a strip for each of the two, a tile, which of six rows are inside of the image, and a row of zeros.
const M: usize = 36 * PLANE;
const STRIPS: usize = 2 * M;
const TILE: usize = STRIPS + 12 * STRIP;
const INSIDE: usize = TILE + 4 * LOCAL;
const ZEROS: usize = INSIDE + 96;

/** Bᵀ over the rows of `count` columns, four channels. Rows outside of the image are pointed at zeros. */
function inputColumns(r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, pixel: usize, count: i32, to: usize): void {
  const end = to + (<usize>count << 4);
  while (to < end) {
    inputColumn(ld(r0), ld(r1), ld(r2), ld(r3), ld(r4), ld(r5), to);
    r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel; r4 += pixel; r5 += pixel;
    to += 16;
  }
}

/** Like `inputColumns`, of relu(a·x + b): the normalisation and relu before this convolution, never stored. */
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

/** a·g + b·x + c: the gradient that leaves a normalisation. `x` is given by its distance from `g`. */
// @ts-ignore: decorator
@inline function normGradient(g: usize, x: usize, a: v128, b: v128, c: v128): v128 {
  return fma(fma(c, ld(g + x), b), ld(g), a);
}

/** Like `inputColumns`, of the gradient that leaves a normalisation. */
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

/** Like `gradientColumns`, of the gradient that leaves a normalisation. */
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
 * Like `outputTiles` for an input gradient that passes the relu and the normalisation before it: adds what came by the shortcut (`extra`), keeps
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

// How the input of a convolution, or the gradient of its output, comes about.
// @ts-ignore: decorator
@inline const RELU = 1;
// @ts-ignore: decorator
@inline const NORM_GRADIENT = 2;

/** V of one strip: tiles `first`… of the block. */
function transformInput(x: usize, index: i32, first: i32, tiles: i32, scratch: usize): void {
  const h = height(), w = width(), c = inputs(), tileRows = (outHeight() + 3) >> 2, count = (outWidth() + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4 - padTop();
  const pixel = <usize>c << 2, rowBytes = <usize>w * pixel, from0 = x + <usize>(image * h) * rowBytes, from = from0 + <usize>top * rowBytes;
  const strip = scratch + STRIPS, zeros = scratch + ZEROS, inside = scratch + INSIDE;
  const mode = isFiltering() || !staged ? int(14) : 0, factors = ptr(15), other = ptr(16) - x, gap = <usize>((c + 3) & ~3) << 2;
  if (mode) markInside(inside, top, h);
  // Columns that both exist and matter.
  const left = padLeft(), columns = min(w, count * 4 + 2 - left);
  for (let group = 0; group < c; group += 4) {
    const p = from + (<usize>group << 2);
    const r0 = <u32>top < <u32>h ? p : zeros;
    const r1 = <u32>(top + 1) < <u32>h ? p + rowBytes : zeros;
    const r2 = <u32>(top + 2) < <u32>h ? p + 2 * rowBytes : zeros;
    const r3 = <u32>(top + 3) < <u32>h ? p + 3 * rowBytes : zeros;
    const r4 = <u32>(top + 4) < <u32>h ? p + 4 * rowBytes : zeros;
    const r5 = <u32>(top + 5) < <u32>h ? p + 5 * rowBytes : zeros;
    const to = strip + (<usize>left << 4), own = factors + (<usize>group << 2);
    if (mode == RELU) reluColumns(r0, r1, r2, r3, r4, r5, pixel, columns, to, own, gap, inside);
    else if (mode == NORM_GRADIENT) {
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

/** dM of one strip of output gradients. */
function transformGradient(dy: usize, index: i32, first: i32, tiles: i32, scratch: usize): void {
  const h = outHeight(), w = outWidth(), k = outputs(), tileRows = (h + 3) >> 2, count = (w + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4;
  const pixel = <usize>k << 2, rowBytes = <usize>w * pixel, from = dy + <usize>(image * h + top) * rowBytes;
  const strip = scratch + STRIPS + 6 * STRIP, zeros = scratch + ZEROS, inside = scratch + INSIDE;
  const mode = staged ? 0 : int(17), factors = ptr(18), other = ptr(19) - dy, gap = <usize>((k + 3) & ~3) << 2;
  if (mode) markInside(inside, top, h);
  for (let group = 0; group < ((k + 7) & ~7); group += 4) {
    const p = from + (<usize>group << 2), exists = group < k;
    if (mode == NORM_GRADIENT && exists) {
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

// What happens to the output of a convolution.
// @ts-ignore: decorator
@inline const AFFINE = 1;
// @ts-ignore: decorator
@inline const STATISTICS = 2;
// @ts-ignore: decorator
@inline const GRADIENT = 3;

/** y of one strip from M. `sums` belongs to the chunk. */
function transformOutput(y: usize, index: i32, first: i32, tiles: i32, scratch: usize, sums: usize): void {
  const h = outHeight(), w = outWidth(), k = outputs(), tileRows = (h + 3) >> 2, count = (w + 3) >> 2, gap = <usize>((k + 3) & ~3) << 2;
  const mode = int(17), factors = ptr(18), hasExtra = ptr(19) != 0, extra = ptr(19) - y, clamp = int(20), tile = scratch + TILE;
  const byOutput = ptr(22) != 0, mask = ptr(22) - y, x = ptr(23) - y, mean = ptr(24);
  const image = index / tileRows, top = (index - image * tileRows) * 4, rows = min(4, h - top);
  const pixel = <usize>k << 2, rowBytes = <usize>w * pixel, to = y + <usize>(image * h + top) * rowBytes;
  for (let group = 0; group < k; group += 4) {
    const own = <usize>group << 2, m = scratch + M + <usize>((group >> 3) * tiles + first) * 32 + (<usize>(group & 4) << 2), p = to + own;
    if (mode == STATISTICS) { statisticsTiles(m, count, p, rowBytes, pixel, tile, sums + own, gap); continue; }
    if (mode == GRADIENT) {
      gradientOutputTiles(m, count, p, rowBytes, pixel, tile, sums + own, gap, hasExtra, extra, byOutput, mask, x, factors + own, mean + own);
      continue;
    }
    const whole = rows == 4 && k - group >= 4 ? w >> 2 : 0;
    if (mode == AFFINE) affineTiles(m, whole, p, rowBytes, pixel, tile, factors ? factors + own : 0, gap, hasExtra, extra, clamp);
    else outputTiles(m, whole, p, rowBytes, pixel, tile);
    for (let i = whole; i < count; i++) {
      const at = p + <usize>(i * 4) * pixel, columns = min(4, w - i * 4);
      outputPart(m + (<usize>i << 5), rows, columns, k - group, at, rowBytes, pixel, tile, factors ? factors + own : 0, gap, hasExtra, extra, clamp);
    }
  }
}

/** Begins the sums of a chunk: zeros, and for statistics a value of each channel. */
function beginSums(sums: usize, tiles: i32, scratch: usize): void {
  const k = outputs(), gap = <usize>((k + 3) & ~3) << 2;
  memory.fill(sums, 0, 2 * gap);
  if (int(17) != STATISTICS) return;
  for (let group = 0; group < k; group += 4) {
    tileColumns(scratch + M + <usize>((group >> 3) * tiles) * 32 + (<usize>(group & 4) << 2), scratch + TILE);
    outputRow(scratch + TILE, scratch + TILE, 16);
    st(sums + 2 * gap + (<usize>group << 2), ld(scratch + TILE));
  }
}

/** Sums about a value to mean and sum of squared deviations. */
function endStatistics(sums: usize, values: i32): void {
  const gap = <usize>((outputs() + 3) & ~3) << 2, inverse = f32x4.splat(<f32>1 / <f32>values);
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

/** y of one block. */
function forwardBlock(block: i32, scratch: usize): void {
  const count = (outWidth() + 3) >> 2, first = block * stripsPerBlock(), last = min(first + stripsPerBlock(), strips());
  const tiles = (stripsPerBlock() * count + 3) & ~3, c = (inputs() + 3) & ~3, k = (outputs() + 7) & ~7, u = ptr(1), gap = filterPlane(c, k);
  for (let index = first; index < last; index++) transformInput(ptr(0) + staged, index, (index - first) * count, tiles, scratch);
  for (let i: usize = 0; i < 36; i++) gemm(scratch + i * PLANE, u + i * gap, scratch + M + i * PLANE, tiles, c, k, 0);
  const mode = int(17), sums = ptr(21) + <usize>(block * 3) * (<usize>((outputs() + 3) & ~3) << 2);
  if (mode == STATISTICS || mode == GRADIENT) beginSums(sums, tiles, scratch);
  for (let index = first; index < last; index++) transformOutput(ptr(2), index, (index - first) * count, tiles, scratch, sums);
  if (mode == STATISTICS) endStatistics(sums, (last - first) * 4 * outWidth());
}

/** du = Vᵀ·dM of one block, or du += that. */
function filterBlock(block: i32, scratch: usize, du: usize, accumulate: bool): void {
  const count = (outWidth() + 3) >> 2, first = block * stripsPerBlock(), last = min(first + stripsPerBlock(), strips());
  const tiles = (stripsPerBlock() * count + 3) & ~3, c = (inputs() + 3) & ~3, k = (outputs() + 7) & ~7, gap = filterPlane(c, k);
  // Tiles that do not exist must count for nothing.
  if ((last - first) * count < tiles) memory.fill(scratch, 0, STRIPS);
  for (let index = first; index < last; index++) {
    transformInput(ptr(0), index, (index - first) * count, tiles, scratch);
    transformGradient(ptr(1) + staged, index, (index - first) * count, tiles, scratch);
  }
  for (let i: usize = 0; i < 36; i++) gemmTransposed(scratch + i * PLANE, scratch + M + i * PLANE, du + i * gap, tiles, c, k, accumulate, 0);
}

/** Makes the scratch ready for blocks of the current pass. */
function prepare(scratch: usize): void {
  const columns = ((outWidth() + 3) & ~3) + 2;
  clear(scratch + STRIPS, columns, scratch + ZEROS, max(width() * inputs(), outWidth() * outputs()) << 2);
  clear(scratch + STRIPS + 6 * STRIP, columns, scratch + ZEROS, 0);
}

/**
 * y = x ∗ w, from an input and to an output as the modes say. Chunk: one block. Also the input gradient, with the flipped filter.
 * Statistics and gradient modes need whole tiles and channels in fours.
 */
export function winogradForward(chunk: i32, scratch: usize): void {
  base = ARGUMENTS;
  prepare(scratch);
  forwardBlock(chunk, scratch);
}

/**
 * Where a block's gradient that leaves a normalisation has been written out, as the distance from where it would lie; 0 while it is computed by who
 * reads it. Input and filter gradient both read it, so that it pays to compute it once, in the cache. Each thread has its own.
 */
let staged: usize = 0;

/** Writes out a·g + b·x + c for the rows of a block and the one above and below. */
function stage(block: i32, scratch: usize): void {
  const h = height(), c = inputs(), pixel = <usize>c << 2, rowBytes = <usize>width() * pixel, tileRows = (h + 3) >> 2;
  const first = block * stripsPerBlock(), last = min(first + stripsPerBlock(), strips()) - 1;
  const from = max(0, rowOf(first, tileRows, h) - 1), to = min(rowOf(last, tileRows, h) + 5, strips() / tileRows * h);
  const g = ptr(0), x = ptr(16) - g, a = ptr(15), gap = <usize>((c + 3) & ~3) << 2, begin = g + <usize>from * rowBytes, end = g + <usize>to * rowBytes;
  const target = (scratch + ZEROS + rowBytes + 79) & ~63;
  staged = target - begin;
  for (let row = begin; row < end; row += rowBytes) {
    for (let i: usize = 0; i < pixel; i += 16) {
      const fa = ld(a + i), fb = ld(a + gap + i), fc = ld(a + 2 * gap + i);
      for (let p = row + i; p < row + rowBytes; p += pixel) st(p + staged, normGradient(p, x, fa, fb, fc));
    }
  }
}

/** The first row of a strip, counted through all images. */
// @ts-ignore: decorator
@inline function rowOf(strip: i32, tileRows: i32, h: i32): i32 { return strip / tileRows * h + strip % tileRows * 4; }

/** dU = Σ Vᵀ·dM over the blocks of a chunk, into the chunk's own partial result. */
export function winogradFilter(chunk: i32, scratch: usize): void {
  base = ARGUMENTS;
  prepare(scratch);
  filterBlocks(chunk, scratch, false);
}

/** Input and filter gradient of one convolution together, so that what both read is read once. Chunk: as in `winogradFilter`. */
export function winogradBackward(chunk: i32, scratch: usize): void {
  base = ARGUMENTS;
  prepare(scratch);
  base = FILTER_ARGUMENTS;
  filterBlocks(chunk, scratch, true);
}

function filterBlocks(chunk: i32, scratch: usize, both: bool): void {
  const blocks = int(13), all = (strips() + stripsPerBlock() - 1) / stripsPerBlock(), from = chunk * blocks, to = min(from + blocks, all);
  const du = ptr(2) + 36 * filterPlane((inputs() + 3) & ~3, (outputs() + 7) & ~7) * <usize>chunk;
  for (let block = from; block < to; block++) {
    if (both) {
      base = ARGUMENTS;
      if (int(14) == NORM_GRADIENT && (inputs() & 3) == 0) stage(block, scratch);
      forwardBlock(block, scratch);
      base = FILTER_ARGUMENTS;
    }
    filterBlock(block, scratch, du, block > from);
    staged = 0;
  }
}
