// The three passes of a 3×3 stride-1 convolution in the transformed domain. NHWC, any size, any padding up to 2, any channels.

import { int, ptr } from './args';
import { gemm, gemmTransposed } from './gemm';
import { add, ld, relu, st, stPart, zero } from './vec';
import { gradientTransform, inputTransform, outputTransform } from './winograd';

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

/** Distance between two of the 36 planes of a block. The 64 keep them out of one cache set. */
// @ts-ignore: decorator
@inline function planeBytes(tiles: i32, channels: i32): usize { return (<usize>(tiles * channels) << 2) + 64; }

/** Bᵀ over the rows of one column, four channels. Rows outside of the image are pointed at zeros. */
function columns(r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, pixel: usize, count: i32, to: usize, row: usize): void {
  const end = to + (<usize>count << 4);
  while (to < end) {
    inputTransform(ld(r0), ld(r1), ld(r2), ld(r3), ld(r4), ld(r5), to, row);
    r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel; r4 += pixel; r5 += pixel;
    to += 16;
  }
}

/** Clears lanes of channels that do not exist, `count` columns of `height` rows. */
function clearLanes(strip: usize, row: usize, rows: i32, count: i32, lanes: i32): void {
  const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
  for (let i = 0; i < rows; i++) {
    for (let x = 0; x < count; x++) {
      const p = strip + <usize>i * row + (<usize>x << 4);
      st(p, v128.and(ld(p), mask));
    }
  }
}

/** V of one strip: tiles `first`… of the block. */
function transformInput(x: usize, index: i32, first: i32, tiles: i32, v: usize, strip: usize, zeros: usize): void {
  const h = height(), w = width(), c = inputs(), tileRows = (outHeight() + 3) >> 2, tileColumns = (outWidth() + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4 - padTop();
  const rowBytes = <usize>(w * c) << 2, pixel = <usize>c << 2, stripRow = <usize>(tileColumns * 4 + 2) << 4;
  const gap = planeBytes(tiles, (c + 3) & ~3), from = x + <usize>(image * h) * rowBytes;
  // Columns that both exist and matter.
  const left = padLeft(), count = min(w, tileColumns * 4 + 2 - left);
  for (let group = 0; group < c; group += 4) {
    const p = from + (<usize>group << 2) + <usize>top * rowBytes;
    const r0 = top >= 0 && top < h ? p : zeros;
    const r1 = top + 1 >= 0 && top + 1 < h ? p + rowBytes : zeros;
    const r2 = top + 2 >= 0 && top + 2 < h ? p + 2 * rowBytes : zeros;
    const r3 = top + 3 < h ? p + 3 * rowBytes : zeros;
    const r4 = top + 4 < h ? p + 4 * rowBytes : zeros;
    const r5 = top + 5 < h ? p + 5 * rowBytes : zeros;
    columns(r0, r1, r2, r3, r4, r5, pixel, count, strip + (<usize>left << 4), stripRow);
    if (c - group < 4) clearLanes(strip, stripRow, 6, tileColumns * 4 + 2, c - group);
    let to = v + (<usize>((group >> 2) * tiles + first) << 4), s = strip;
    for (let tile = 0; tile < tileColumns; tile++) {
      for (let i: usize = 0; i < 6; i++) {
        const q = s + i * stripRow;
        inputTransform(ld(q), ld(q + 16), ld(q + 32), ld(q + 48), ld(q + 64), ld(q + 80), to + i * 6 * gap, gap);
      }
      to += 16; s += 64;
    }
  }
}

/** y of one strip from M. */
function transformOutput(y: usize, index: i32, first: i32, tiles: i32, m: usize, local: usize): void {
  const h = outHeight(), w = outWidth(), k = outputs(), tileRows = (h + 3) >> 2, tileColumns = (w + 3) >> 2;
  const bias = ptr(13), clamp = int(14);
  const image = index / tileRows, top = (index - image * tileRows) * 4;
  const rowBytes = <usize>(w * k) << 2, pixel = <usize>k << 2, gap = planeBytes(tiles, (k + 7) & ~7);
  const rows = min(4, h - top), to = y + <usize>(image * h + top) * rowBytes;
  for (let tile = 0; tile < tileColumns; tile++) {
    const count = min(4, w - tile * 4);
    for (let group = 0; group < k; group += 4) {
      const from = m + <usize>((group >> 3) * tiles + first + tile) * 32 + (<usize>(group & 4) << 2);
      for (let j: usize = 0; j < 6; j++) outputTransform(from + j * gap, 6 * gap, local + j * 16, 96);
      const shift = bias ? ld(bias + (<usize>group << 2)) : zero();
      const p = to + <usize>(tile * 4) * pixel + (<usize>group << 2);
      const whole = rows == 4 && count == 4 && k - group >= 4;
      for (let i = 0; i < 4; i++) {
        const q = local + <usize>i * 96;
        if (whole && !bias && !clamp) { outputTransform(q, 16, p + <usize>i * rowBytes, pixel); continue; }
        outputTransform(q, 16, q, 16);
        if (i >= rows) break;
        for (let j = 0; j < count; j++) {
          let value = add(ld(q + (<usize>j << 4)), shift);
          if (clamp) value = relu(value);
          stPart(p + <usize>i * rowBytes + <usize>j * pixel, value, k - group);
        }
      }
    }
  }
}

/** dM of one strip of output gradients. */
function transformGradient(dy: usize, index: i32, first: i32, tiles: i32, d: usize, strip: usize, zeros: usize): void {
  const h = outHeight(), w = outWidth(), k = outputs(), tileRows = (h + 3) >> 2, tileColumns = (w + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4;
  const rowBytes = <usize>(w * k) << 2, pixel = <usize>k << 2, stripRow = <usize>(tileColumns * 4 + 2) << 4;
  const gap = planeBytes(tiles, (k + 7) & ~7), from = dy + <usize>(image * h + top) * rowBytes;
  for (let group = 0; group < ((k + 7) & ~7); group += 4) {
    let r0 = zeros, r1 = zeros, r2 = zeros, r3 = zeros;
    if (group < k) {
      const p = from + (<usize>group << 2);
      r0 = p;
      r1 = top + 1 < h ? p + rowBytes : zeros;
      r2 = top + 2 < h ? p + 2 * rowBytes : zeros;
      r3 = top + 3 < h ? p + 3 * rowBytes : zeros;
    }
    for (let x = 0; x < w; x++) {
      gradientTransform(ld(r0), ld(r1), ld(r2), ld(r3), strip + (<usize>x << 4), stripRow);
      r0 += pixel; r1 += pixel; r2 += pixel; r3 += pixel;
    }
    if (k - group < 4 && k > group) clearLanes(strip, stripRow, 6, w, k - group);
    let to = d + <usize>((group >> 3) * tiles + first) * 32 + (<usize>(group & 4) << 2), s = strip;
    for (let tile = 0; tile < tileColumns; tile++) {
      for (let i: usize = 0; i < 6; i++) {
        const q = s + i * stripRow;
        gradientTransform(ld(q), ld(q + 16), ld(q + 32), ld(q + 48), to + i * 6 * gap, gap);
      }
      to += 32; s += 64;
    }
  }
}

/** y = x ∗ w (+ bias, relu). Chunk: one block. Also the input gradient, with the flipped filter. */
export function winogradForward(chunk: i32, scratch: usize): void {
  const tileColumns = (outWidth() + 3) >> 2, first = chunk * stripsPerBlock(), last = min(first + stripsPerBlock(), strips());
  const tiles = (stripsPerBlock() * tileColumns + 3) & ~3, c = (inputs() + 3) & ~3, k = (outputs() + 7) & ~7;
  const gapV = planeBytes(tiles, c), gapM = planeBytes(tiles, k), zeroBytes = (<usize>(width() * inputs()) << 2) + 64;
  const stripBytes = <usize>(tileColumns * 4 + 2) * 96;
  const v = scratch, m = v + 36 * gapV, strip = m + 36 * gapM, zeros = strip + stripBytes, local = zeros + zeroBytes;
  memory.fill(strip, 0, stripBytes + zeroBytes);
  for (let index = first; index < last; index++) transformInput(ptr(0), index, (index - first) * tileColumns, tiles, v, strip, zeros);
  const u = ptr(1), gapU = <usize>(c * k) << 2;
  for (let i: usize = 0; i < 36; i++) gemm(v + i * gapV, u + i * gapU, m + i * gapM, tiles, c, k);
  for (let index = first; index < last; index++) transformOutput(ptr(2), index, (index - first) * tileColumns, tiles, m, local);
}

/** dU = Σ Vᵀ·dM over the blocks of a chunk, into the chunk's own partial result. */
export function winogradFilter(chunk: i32, scratch: usize): void {
  const tileColumns = (outWidth() + 3) >> 2, blocks = int(13);
  const tiles = (stripsPerBlock() * tileColumns + 3) & ~3, c = (inputs() + 3) & ~3, k = (outputs() + 7) & ~7;
  const gapV = planeBytes(tiles, c), gapD = planeBytes(tiles, k), gapU = <usize>(c * k) << 2;
  const zeroBytes = (<usize>max(width() * inputs(), outWidth() * outputs()) << 2) + 64, stripBytes = <usize>(tileColumns * 4 + 2) * 96;
  const v = scratch, d = v + 36 * gapV, strip = d + 36 * gapD, stripOut = strip + stripBytes, zeros = stripOut + stripBytes;
  const du = ptr(2) + 36 * gapU * <usize>chunk;
  memory.fill(strip, 0, 2 * stripBytes + zeroBytes);
  for (let block = 0; block < blocks; block++) {
    const first = (chunk * blocks + block) * stripsPerBlock(), last = min(first + stripsPerBlock(), strips());
    if (first >= last && block) break;
    if ((last - first) * tileColumns < tiles) memory.fill(d, 0, 36 * gapD);
    if ((last - first) * tileColumns < tiles) memory.fill(v, 0, 36 * gapV);
    for (let index = first; index < last; index++) {
      transformInput(ptr(0), index, (index - first) * tileColumns, tiles, v, strip, zeros);
      transformGradient(ptr(1), index, (index - first) * tileColumns, tiles, d, stripOut, zeros);
    }
    for (let i: usize = 0; i < 36; i++) gemmTransposed(v + i * gapV, d + i * gapD, du + i * gapU, tiles, c, k, block > 0);
  }
}
