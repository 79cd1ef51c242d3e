// Every convolution that Winograd does not do, and matrix products, as products of packed blocks: positions are gathered tap by tap.
// The input gradient of a strided convolution is such a product for each phase of the stride, with the taps that reach it.

import { int, ptr } from './args';
import { gemm, gemmTransposed } from './gemm';
import { add, ld, relu, st, stPart, zero } from './vec';

// Arguments of both gather jobs. Rows of the product are positions of a grid `positions × gridHeight × gridWidth`.
// @ts-ignore: decorator
@inline function height(): i32 { return int(3); }
// @ts-ignore: decorator
@inline function width(): i32 { return int(4); }
// @ts-ignore: decorator
@inline function channels(): i32 { return int(5); }
// @ts-ignore: decorator
@inline function gridHeight(): i32 { return int(6); }
// @ts-ignore: decorator
@inline function gridWidth(): i32 { return int(7); }
// @ts-ignore: decorator
@inline function columns(): i32 { return int(8); }
// @ts-ignore: decorator
@inline function strideY(): i32 { return int(9); }
// @ts-ignore: decorator
@inline function strideX(): i32 { return int(10); }
// @ts-ignore: decorator
@inline function rowsPerBlock(): i32 { return int(11); }
// @ts-ignore: decorator
@inline function positions(): i32 { return int(12); }
// @ts-ignore: decorator
@inline function tapsY(): i32 { return int(13); }
// @ts-ignore: decorator
@inline function tapsX(): i32 { return int(14); }
/** Offset of a tap in the source: rows first, columns after them. */
// @ts-ignore: decorator
@inline function offsetY(r: i32): i32 { return int(32 + r); }
// @ts-ignore: decorator
@inline function offsetX(s: i32): i32 { return int(32 + tapsY() + s); }

// Scratch of a thread: where each row of a block reads a tap, a pixel of zeros, then A and C.
const READS: usize = 1024;
// @ts-ignore: decorator
@inline function packedBlock(): usize { return READS + ((<usize>channels() << 2) + 79) & ~63; }

/** Where the rows from `first` read the tap at (dy, dx): pixels of the source, or zeros. */
function locate(x: usize, first: i32, rows: i32, dy: i32, dx: i32, reads: usize, zeros: usize): void {
  const h = height(), w = width(), pixel = <usize>channels() << 2, gw = gridWidth(), gh = gridHeight(), total = positions();
  let row = first / gw, ox = first - row * gw, image = row / gh, oy = row - image * gh;
  for (let p = 0; p < rows; p++) {
    const y = oy * strideY() + dy, column = ox * strideX() + dx;
    const inside = first + p < total && <u32>y < <u32>h && <u32>column < <u32>w;
    store<usize>(reads + (<usize>p << 2), inside ? x + <usize>((image * h + y) * w + column) * pixel : zeros);
    if (++ox == gw) { ox = 0; if (++oy == gh) { oy = 0; image++; } }
  }
}

/** A of the rows from `first`: [depth/4][rows][4]. */
function gather(x: usize, first: i32, rows: i32, scratch: usize): void {
  const c = channels(), ny = tapsY(), nx = tapsX(), step = <usize>rows << 4, zeros = scratch + READS, end = scratch + (<usize>rows << 2);
  const a = scratch + packedBlock(), depth = ny * nx * c;
  memory.fill(zeros, 0, (<usize>c << 2) + 16);
  // What is beyond the true depth: a phase that no tap reaches, or channels that are not vectors.
  if (depth & 3 || depth == 0) memory.fill(a + <usize>(depth >> 2) * step, 0, step);
  let to = a, d = 0;
  for (let r = 0; r < ny; r++) {
    for (let s = 0; s < nx; s++) {
      locate(x, first, rows, offsetY(r), offsetX(s), scratch, zeros);
      if ((c & 3) == 0) {
        for (let g: usize = 0; g < <usize>c << 2; g += 16) {
          for (let p = scratch; p < end; p += 4) { st(to, ld(load<usize>(p) + g)); to += 16; }
        }
      } else {
        for (let i: usize = 0; i < <usize>c << 2; i += 4) {
          let lane = a + <usize>(d >> 2) * step + (<usize>(d & 3) << 2);
          for (let p = scratch; p < end; p += 4) { store<f32>(lane, load<f32>(load<usize>(p) + i)); lane += 16; }
          d++;
        }
      }
    }
  }
}

/** B [columns/8][depth][8] from weights. Chunk: eight columns. */
export function packWeights(chunk: i32, scratch: usize): void {
  const w = ptr(0), b = ptr(1), c = int(2), k = int(3), strideC = int(4), strideK = int(5), ny = int(6), nx = int(7), tapStep = int(8), kernelWidth = int(9);
  const depth = ny * nx * c, padded = max(4, (depth + 3) & ~3);
  let to = b + <usize>(chunk * padded) * 32;
  for (let r = 0; r < ny; r++) {
    for (let s = 0; s < nx; s++) {
      const tap = (int(32 + r) * kernelWidth + int(32 + ny + s)) * tapStep;
      for (let i = 0; i < c; i++) {
        for (let lane = 0; lane < 8; lane++) {
          const column = chunk * 8 + lane;
          store<f32>(to, column < k ? load<f32>(w + (<usize>(tap + i * strideC + column * strideK) << 2)) : 0);
          to += 4;
        }
      }
    }
  }
  memory.fill(to, 0, <usize>(padded - depth) * 32);
}

/** One block of rows: gather, multiply, (+ bias, relu), put where the output has them. */
export function gatherForward(chunk: i32, scratch: usize): void {
  const rows = rowsPerBlock(), k = columns(), panels = (k + 7) >> 3, depth = max(4, (tapsY() * tapsX() * channels() + 3) & ~3);
  const a = scratch + packedBlock(), c = a + (<usize>(rows * depth) << 2) + 64, first = chunk * rows, last = min(rows, positions() - first);
  const bias = ptr(15), clamp = int(16);
  // Where position (image, oy, ox) goes: a pixel of the output.
  const outHeight = int(17), outWidth = int(18), stepY = int(19), stepX = int(20), phaseY = int(21), phaseX = int(22);
  const gw = gridWidth(), gh = gridHeight();
  gather(ptr(0), first, rows, scratch);
  gemm(a, ptr(1), c, rows, depth, panels << 3, 0);
  let row = first / gw, ox = first - row * gw, image = row / gh, oy = row - image * gh;
  for (let p = 0; p < last; p++) {
    const pixel = (image * outHeight + oy * stepY + phaseY) * outWidth + ox * stepX + phaseX;
    const to = ptr(2) + (<usize>pixel * <usize>k << 2), from = c + (<usize>p << 5);
    for (let group = 0; group < k; group += 4) {
      let value = ld(from + <usize>((group >> 3) * rows) * 32 + (<usize>(group & 4) << 2));
      if (bias) value = add(value, ld(bias + (<usize>group << 2)));
      if (clamp) value = relu(value);
      stPart(to + (<usize>group << 2), value, k - group);
    }
    if (++ox == gw) { ox = 0; if (++oy == gh) { oy = 0; image++; } }
  }
}

/** dW = Aᵀ·dY over the blocks of a chunk, into its own partial result [depth/4][columns/8][4][8]. */
export function gatherFilter(chunk: i32, scratch: usize): void {
  const rows = rowsPerBlock(), k = columns(), panels = (k + 7) >> 3, depth = (tapsY() * tapsX() * channels() + 3) & ~3, blocks = int(15);
  const a = scratch + packedBlock(), c = a + (<usize>(rows * depth) << 2) + 64, dy = ptr(1), total = positions();
  const dw = ptr(2) + (<usize>(depth * panels) << 5) * <usize>chunk;
  for (let block = 0; block < blocks; block++) {
    const first = (chunk * blocks + block) * rows, last = min(rows, total - first);
    if (last <= 0 && block) break;
    gather(ptr(0), first, rows, scratch);
    if (last < rows || k & 7) memory.fill(c, 0, <usize>(rows * panels) << 5);
    for (let group = 0; group < k; group += 4) {
      const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(k - group));
      let from = dy + (<usize>first * <usize>k << 2) + (<usize>group << 2), to = c + <usize>((group >> 3) * rows) * 32 + (<usize>(group & 4) << 2);
      for (let p = 0; p < last; p++) { st(to, v128.and(ld(from), mask)); from += <usize>k << 2; to += 32; }
    }
    gemmTransposed(a, c, dw, rows, depth, panels << 3, block > 0, 0);
  }
}

/** dW [depth][columns] from the sum of partial results. Chunk: four rows of it. */
export function gatherFilterFinish(chunk: i32, scratch: usize): void {
  const partials = ptr(0), dw = ptr(1), count = int(2), rows = int(3), k = int(4), panels = (k + 7) >> 3;
  const partial = <usize>(((rows + 3) & ~3) * panels) << 5;
  for (let panel = 0; panel < panels; panel++) {
    for (let j = 0; j < 8; j++) {
      const row = chunk * 4 + (j >> 1), column = panel * 8 + (j & 1) * 4;
      if (row >= rows || column >= k) continue;
      let sum = zero(), from = partials + <usize>(chunk * panels + panel) * 128 + <usize>j * 16;
      for (let p = 0; p < count; p++) { sum = add(sum, ld(from)); from += partial; }
      stPart(dw + (<usize>(row * k + column) << 2), sum, k - column);
    }
  }
}
