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

/** A of the rows from `first`: [depth/4][rows][4]. */
function gather(x: usize, first: i32, rows: i32, a: usize): void {
  const h = height(), w = width(), c = channels(), gw = gridWidth(), gh = gridHeight(), ny = tapsY(), nx = tapsX();
  const total = positions(), depth = ny * nx * c, step = <usize>rows << 4;
  const whole = (c & 3) == 0;
  // A phase that no tap reaches.
  if (depth == 0) memory.fill(a, 0, step);
  if (!whole) for (let d = depth; d < ((depth + 3) & ~3); d++) for (let p = 0; p < rows; p++) {
    store<f32>(a + <usize>(d >> 2) * step + (<usize>p << 4) + (<usize>(d & 3) << 2), 0);
  }
  for (let p = 0; p < rows; p++) {
    const position = first + p, row = position / gw, ox = position - row * gw, image = row / gh, oy = row - image * gh;
    let to = a + (<usize>p << 4), d = 0;
    for (let r = 0; r < ny; r++) {
      const y = oy * strideY() + offsetY(r), rowInside = position < total && <u32>y < <u32>h;
      const from = x + (<usize>((image * h + y) * w) * <usize>c << 2);
      for (let s = 0; s < nx; s++) {
        const column = ox * strideX() + offsetX(s), inside = rowInside && <u32>column < <u32>w;
        const q = from + (<usize>(column * c) << 2);
        if (whole) {
          for (let g: usize = 0; g < <usize>c << 2; g += 16) { st(to, inside ? ld(q + g) : zero()); to += step; }
        } else {
          for (let i = 0; i < c; i++) {
            store<f32>(to + <usize>(d >> 2) * step + (<usize>(d & 3) << 2), inside ? load<f32>(q + (<usize>i << 2)) : 0);
            d++;
          }
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
  const a = scratch, c = a + (<usize>(rows * depth) << 2) + 64, first = chunk * rows, last = min(rows, positions() - first);
  const bias = ptr(15), clamp = int(16);
  // Where position (image, oy, ox) goes: a pixel of the output.
  const outHeight = int(17), outWidth = int(18), stepY = int(19), stepX = int(20), phaseY = int(21), phaseX = int(22);
  const gw = gridWidth(), gh = gridHeight();
  gather(ptr(0), first, rows, a);
  gemm(a, ptr(1), c, rows, depth, panels << 3, 0);
  for (let p = 0; p < last; p++) {
    const position = first + p, row = position / gw, ox = position - row * gw, image = row / gh, oy = row - image * gh;
    const pixel = (image * outHeight + oy * stepY + phaseY) * outWidth + ox * stepX + phaseX;
    const to = ptr(2) + (<usize>pixel * <usize>k << 2);
    for (let group = 0; group < k; group += 4) {
      let value = ld(c + <usize>((group >> 3) * rows + p) * 32 + (<usize>(group & 4) << 2));
      if (bias) value = add(value, ld(bias + (<usize>group << 2)));
      if (clamp) value = relu(value);
      stPart(to + (<usize>group << 2), value, k - group);
    }
  }
}

/** dW = Aᵀ·dY over the blocks of a chunk, into its own partial result [depth/4][columns/8][4][8]. */
export function gatherFilter(chunk: i32, scratch: usize): void {
  const rows = rowsPerBlock(), k = columns(), panels = (k + 7) >> 3, depth = (tapsY() * tapsX() * channels() + 3) & ~3, blocks = int(15);
  const a = scratch, c = a + (<usize>(rows * depth) << 2) + 64, dy = ptr(1), total = positions();
  const dw = ptr(2) + (<usize>(depth * panels) << 5) * <usize>chunk;
  for (let block = 0; block < blocks; block++) {
    const first = (chunk * blocks + block) * rows, last = min(rows, total - first);
    if (last <= 0 && block) break;
    gather(ptr(0), first, rows, a);
    for (let p = 0; p < rows; p++) {
      for (let group = 0; group < panels << 3; group += 4) {
        let value = zero();
        if (p < last && group < k) {
          value = ld(dy + (<usize>(first + p) * <usize>k << 2) + (<usize>group << 2));
          if (k - group < 4) value = v128.and(value, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(k - group)));
        }
        st(c + <usize>((group >> 3) * rows + p) * 32 + (<usize>(group & 4) << 2), value);
      }
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
