// Every convolution that Winograd does not do, and matrix products, as products of packed blocks: positions are gathered tap by tap.
// The input gradient of a strided convolution is such a product for each phase of the stride, with the taps that reach it.

import { argumentsOf } from './arguments';
import { ImplicitGemm, ImplicitGemmFilterGradient, ImplicitGemmFilterGradientFinish, PackFilter, Positions } from './contract';
import { gemm, gemmTransposed } from './gemm';
import { add, ld, relu, st, stPart, zero } from './vec';

/** Byte offset of tap row r in the source, and of tap column s, both in pixels. */
// @ts-ignore: decorator
@inline function offsetAt(taps: usize, i: i32): i32 { return load<i32>(taps + (<usize>i << 2)); }

// Scratch of a thread: where each row of a block reads a tap, a pixel of zeros, then A and C.
const READS: usize = 1024;
// @ts-ignore: decorator
@inline function packedBlock(channels: i32): usize { return READS + ((<usize>channels << 2) + 79) & ~63; }

/** Where the rows from `first` read the tap at (dy, dx): pixels of the source, or zeros. */
function locate(job: Positions, first: i32, rows: i32, dy: i32, dx: i32, reads: usize, zeros: usize): void {
  const x = job.source, h = job.height, w = job.width, pixel = <usize>job.channels << 2, gw = job.gridWidth, gh = job.gridHeight, total = job.positions;
  let row = first / gw, ox = first - row * gw, image = row / gh, oy = row - image * gh;
  for (let p = 0; p < rows; p++) {
    const y = oy * job.strideY + dy, column = ox * job.strideX + dx;
    const inside = first + p < total && <u32>y < <u32>h && <u32>column < <u32>w;
    store<usize>(reads + (<usize>p << 2), inside ? x + <usize>((image * h + y) * w + column) * pixel : zeros);
    if (++ox == gw) { ox = 0; if (++oy == gh) { oy = 0; image++; } }
  }
}

/** A of the rows from `first`: [depth/4][rows][4]. */
function gather(job: Positions, taps: usize, first: i32, rows: i32, scratch: usize): void {
  const c = job.channels, ny = job.tapRows, nx = job.tapColumns, step = <usize>rows << 4, zeros = scratch + READS, end = scratch + (<usize>rows << 2);
  const a = scratch + packedBlock(c), depth = ny * nx * c;
  memory.fill(zeros, 0, (<usize>c << 2) + 16);
  // What is beyond the true depth: a phase that no tap reaches, or channels that are not vectors.
  if (depth & 3 || depth == 0) memory.fill(a + <usize>(depth >> 2) * step, 0, step);
  let to = a, d = 0;
  for (let r = 0; r < ny; r++) {
    for (let s = 0; s < nx; s++) {
      locate(job, first, rows, offsetAt(taps, r), offsetAt(taps, ny + s), scratch, zeros);
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

/** B [columns/8][depth][8] from a filter. Chunk: eight columns. */
export function packFilter(chunk: i32): void {
  const job = argumentsOf<PackFilter>(), w = job.filter, b = job.packed, c = job.channels, k = job.columns, strideC = job.channelStep, strideK = job.columnStep;
  const ny = job.tapRows, nx = job.tapColumns, taps = job.taps, kernelWidth = job.kernelWidth, tapStep = job.tapStep;
  const depth = ny * nx * c, padded = max(4, (depth + 3) & ~3);
  let to = b + <usize>(chunk * padded) * 32;
  for (let r = 0; r < ny; r++) {
    for (let s = 0; s < nx; s++) {
      const tap = (offsetAt(taps, r) * kernelWidth + offsetAt(taps, ny + s)) * tapStep;
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
export function implicitGemm(chunk: i32, scratch: usize): void {
  const job = argumentsOf<ImplicitGemm>(), rows = job.rowsPerBlock, k = job.columns, panels = (k + 7) >> 3;
  const depth = max(4, (job.tapRows * job.tapColumns * job.channels + 3) & ~3);
  const a = scratch + packedBlock(job.channels), c = a + (<usize>(rows * depth) << 2) + 64, first = chunk * rows, last = min(rows, job.positions - first);
  const bias = job.bias, clamp = job.relu;
  // Where position (image, oy, ox) goes: a pixel of the output.
  const outHeight = job.outHeight, outWidth = job.outWidth, stepY = job.stepY, stepX = job.stepX, phaseY = job.phaseY, phaseX = job.phaseX;
  const gw = job.gridWidth, gh = job.gridHeight;
  gather(changetype<Positions>(job), job.taps, first, rows, scratch);
  gemm(a, job.packed, c, rows, depth, panels << 3, 0);
  let row = first / gw, ox = first - row * gw, image = row / gh, oy = row - image * gh;
  for (let p = 0; p < last; p++) {
    const pixel = (image * outHeight + oy * stepY + phaseY) * outWidth + ox * stepX + phaseX;
    const to = job.y + (<usize>pixel * <usize>k << 2), from = c + (<usize>p << 5);
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
export function implicitGemmFilterGradient(chunk: i32, scratch: usize): void {
  const job = argumentsOf<ImplicitGemmFilterGradient>(), rows = job.rowsPerBlock, k = job.columns, panels = (k + 7) >> 3, blocks = job.blocksPerChunk;
  const depth = (job.tapRows * job.tapColumns * job.channels + 3) & ~3;
  const a = scratch + packedBlock(job.channels), c = a + (<usize>(rows * depth) << 2) + 64, dy = job.dy, total = job.positions;
  const dw = job.partials + (<usize>(depth * panels) << 5) * <usize>chunk;
  for (let block = 0; block < blocks; block++) {
    const first = (chunk * blocks + block) * rows, last = min(rows, total - first);
    if (last <= 0 && block) break;
    gather(changetype<Positions>(job), job.taps, first, rows, scratch);
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
export function implicitGemmFilterGradientFinish(chunk: i32): void {
  const job = argumentsOf<ImplicitGemmFilterGradientFinish>(), partials = job.partials, dw = job.gradient, count = job.count, rows = job.depth, k = job.columns, panels = (k + 7) >> 3;
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
