// The three passes of a 3×3 stride-1 convolution in the transformed domain. NHWC, any size, any padding up to 2, any channels.
// A strip is one row of tiles of one image; a block is some strips that are transformed and multiplied together.

import { int, ptr } from './args';
import { gemm, gemmTransposed } from './gemm';
import { add, ld, relu, st, stPart, zero } from './vec';
import { filterPlane, gradientColumn, gradientRow, inputColumn, inputRow, LOCAL, outputColumn, outputRow, PLANE, STRIP } from './winograd';

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

// Scratch of a thread: V, M or dM, a strip for each of the two, a tile, and a row of zeros.
const M: usize = 36 * PLANE;
const STRIPS: usize = 2 * M;
const TILE: usize = STRIPS + 12 * STRIP;
const ZEROS: usize = TILE + 4 * LOCAL;

/** Bᵀ over the rows of `count` columns, four channels. Rows outside of the image are pointed at zeros. */
function inputColumns(r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, pixel: usize, count: i32, to: usize): void {
  const end = to + (<usize>count << 4);
  while (to < end) {
    inputColumn(ld(r0), ld(r1), ld(r2), ld(r3), ld(r4), ld(r5), to);
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

/** One tile of which only some rows, columns and channels exist, or that gets a bias or relu. */
function outputPart(m: usize, rows: i32, columns: i32, lanes: i32, to: usize, rowBytes: usize, pixel: usize, tile: usize, bias: usize, clamp: i32): void {
  tileColumns(m, tile);
  const shift = bias ? ld(bias) : zero();
  for (let i = 0; i < rows; i++) {
    const row = tile + <usize>i * LOCAL;
    outputRow(row, row, 16);
    for (let j = 0; j < columns; j++) {
      let value = add(ld(row + (<usize>j << 4)), shift);
      if (clamp) value = relu(value);
      stPart(to + <usize>i * rowBytes + <usize>j * pixel, value, lanes);
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

/** V of one strip: tiles `first`… of the block. */
function transformInput(x: usize, index: i32, first: i32, tiles: i32, scratch: usize): void {
  const h = height(), w = width(), c = inputs(), tileRows = (outHeight() + 3) >> 2, count = (outWidth() + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4 - padTop();
  const pixel = <usize>c << 2, rowBytes = <usize>w * pixel, from = x + <usize>(image * h) * rowBytes + <usize>top * rowBytes;
  const strip = scratch + STRIPS, zeros = scratch + ZEROS;
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
    inputColumns(r0, r1, r2, r3, r4, r5, pixel, columns, strip + (<usize>left << 4));
    if (c - group < 4) clearLanes(strip, count * 4 + 2, c - group);
    inputTiles(strip, count, scratch + (<usize>((group >> 2) * tiles + first) << 4));
  }
}

/** dM of one strip of output gradients. */
function transformGradient(dy: usize, index: i32, first: i32, tiles: i32, scratch: usize): void {
  const h = outHeight(), w = outWidth(), k = outputs(), tileRows = (h + 3) >> 2, count = (w + 3) >> 2;
  const image = index / tileRows, top = (index - image * tileRows) * 4;
  const pixel = <usize>k << 2, rowBytes = <usize>w * pixel, from = dy + <usize>(image * h + top) * rowBytes;
  const strip = scratch + STRIPS + 6 * STRIP, zeros = scratch + ZEROS;
  for (let group = 0; group < ((k + 7) & ~7); group += 4) {
    const p = from + (<usize>group << 2), inside = group < k;
    const r0 = inside ? p : zeros;
    const r1 = inside && top + 1 < h ? p + rowBytes : zeros;
    const r2 = inside && top + 2 < h ? p + 2 * rowBytes : zeros;
    const r3 = inside && top + 3 < h ? p + 3 * rowBytes : zeros;
    gradientColumns(r0, r1, r2, r3, pixel, w, strip);
    if (inside && k - group < 4) clearLanes(strip, w, k - group);
    gradientTiles(strip, count, scratch + M + <usize>((group >> 3) * tiles + first) * 32 + (<usize>(group & 4) << 2));
  }
}

/** y of one strip from M. */
function transformOutput(y: usize, index: i32, first: i32, tiles: i32, scratch: usize): void {
  const h = outHeight(), w = outWidth(), k = outputs(), tileRows = (h + 3) >> 2, count = (w + 3) >> 2;
  const bias = ptr(13), clamp = int(14), tile = scratch + TILE;
  const image = index / tileRows, top = (index - image * tileRows) * 4, rows = min(4, h - top);
  const pixel = <usize>k << 2, rowBytes = <usize>w * pixel, to = y + <usize>(image * h + top) * rowBytes;
  for (let group = 0; group < k; group += 4) {
    const m = scratch + M + <usize>((group >> 3) * tiles + first) * 32 + (<usize>(group & 4) << 2), p = to + (<usize>group << 2);
    const plain = rows == 4 && k - group >= 4 && !bias && !clamp, whole = plain ? w >> 2 : 0;
    outputTiles(m, whole, p, rowBytes, pixel, tile);
    for (let i = whole; i < count; i++) {
      const shift = bias ? bias + (<usize>group << 2) : 0;
      outputPart(m + (<usize>i << 5), rows, min(4, w - i * 4), k - group, p + <usize>(i * 4) * pixel, rowBytes, pixel, tile, shift, clamp);
    }
  }
}

/** Zeros around what the transforms write: the margins of a strip, and the row that stands for rows outside of the image. */
function clear(strip: usize, columns: i32, zeros: usize, zeroBytes: i32): void {
  for (let i: usize = 0; i < 6; i++) memory.fill(strip + i * STRIP, 0, <usize>columns << 4);
  memory.fill(zeros, 0, zeroBytes + 16);
}

/** y = x ∗ w (+ bias, relu). Chunk: one block. Also the input gradient, with the flipped filter. */
export function winogradForward(chunk: i32, scratch: usize): void {
  const count = (outWidth() + 3) >> 2, first = chunk * stripsPerBlock(), last = min(first + stripsPerBlock(), strips());
  const tiles = (stripsPerBlock() * count + 3) & ~3, c = (inputs() + 3) & ~3, k = (outputs() + 7) & ~7, u = ptr(1), gap = filterPlane(c, k);
  clear(scratch + STRIPS, count * 4 + 2, scratch + ZEROS, (width() * inputs()) << 2);
  for (let index = first; index < last; index++) transformInput(ptr(0), index, (index - first) * count, tiles, scratch);
  for (let i: usize = 0; i < 36; i++) gemm(scratch + i * PLANE, u + i * gap, scratch + M + i * PLANE, tiles, c, k, 0);
  for (let index = first; index < last; index++) transformOutput(ptr(2), index, (index - first) * count, tiles, scratch);
}

/** dU = Σ Vᵀ·dM over the blocks of a chunk, into the chunk's own partial result. */
export function winogradFilter(chunk: i32, scratch: usize): void {
  const count = (outWidth() + 3) >> 2, blocks = int(13);
  const tiles = (stripsPerBlock() * count + 3) & ~3, c = (inputs() + 3) & ~3, k = (outputs() + 7) & ~7, gap = filterPlane(c, k);
  const du = ptr(2) + 36 * gap * <usize>chunk;
  clear(scratch + STRIPS, count * 4 + 2, scratch + ZEROS, max(width() * inputs(), outWidth() * outputs()) << 2);
  clear(scratch + STRIPS + 6 * STRIP, count * 4, scratch + ZEROS, 0);
  for (let block = 0; block < blocks; block++) {
    const first = (chunk * blocks + block) * stripsPerBlock(), last = min(first + stripsPerBlock(), strips());
    if (first >= last && block) break;
    if ((last - first) * count < tiles) memory.fill(scratch, 0, STRIPS);
    for (let index = first; index < last; index++) {
      transformInput(ptr(0), index, (index - first) * count, tiles, scratch);
      transformGradient(ptr(1), index, (index - first) * count, tiles, scratch);
    }
    for (let i: usize = 0; i < 36; i++) gemmTransposed(scratch + i * PLANE, scratch + M + i * PLANE, du + i * gap, tiles, c, k, block > 0, 0);
  }
}
