import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { JobArguments } from '../../../contract/encode';
import type { SimdBackend } from '../backend';
import { chunksOf } from '../kernel';
import { type ConvPlan, type Epilogue, outputShape } from './conv-plan';

const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Rows of a block whose gathered values take about `bytes`. */
const rowsFor = (depth: number, bytes: number, least: number): number =>
  Math.min(128, Math.max(least, up(Math.floor(bytes / (depth * 4)), 4)));

/** Of a product: WebAssembly passes over the block once for each panel of eight columns, so that it should stay in the first cache; native code keeps more in registers. */
const productRows = ({ runtime }: SimdBackend, depth: number): number =>
  runtime.isNative ? rowsFor(depth, 262_144, 32) : rowsFor(depth, 32_768, 16);

/** Of a filter gradient: each block is added to the whole result, which should happen seldom. */
const gradientRows = (depth: number): number => rowsFor(depth, 262_144, 32);

/** Which taps of one axis reach a phase of the output grid, and where they read: source = grid · stride + offset. */
interface Taps {
  /** Indices into the kernel. */
  index: number[];
  offset: number[];
}

const forwardTaps = (size: number, dilation: number, pad: number): Taps => {
  const index = [...Array(size).keys()];
  return { index, offset: index.map((i) => i * dilation - pad) };
};

/** In the input gradient pixel `phase + stride·q` gets from output pixel `q + offset`. */
const gradientTaps = (size: number, dilation: number, pad: number, stride: number, phase: number): Taps => {
  const index = [...Array(size).keys()].filter(
    (i) => (((phase + pad - i * dilation) % stride) + stride) % stride === 0,
  );
  return { index, offset: index.map((i) => (phase + pad - i * dilation) / stride) };
};

/** A product of gathered positions with a filter. Tensors are given by where they lie. */
interface Product {
  source: number;
  sourceShape: [n: number, h: number, w: number, c: number];
  filter: number;
  y: number;
  bias?: number;
  relu: boolean;
  columns: number;
  tapsY: Taps;
  tapsX: Taps;
  /** Grid of positions for each image, and the step of its source. */
  grid: { height: number; width: number };
  stride: { y: number; x: number };
  /** The output's size, and a position's step and phase there. */
  place: Pick<JobArguments<'ImplicitGemm'>, 'outHeight' | 'outWidth' | 'stepY' | 'stepX' | 'phaseY' | 'phaseX'>;
  /** Steps in the filter by tap, source channel and column. */
  filterSteps: [tap: number, channel: number, column: number];
  kernelWidth: number;
  label: string;
}

function product(backend: SimdBackend, q: Product): void {
  const [n, h, w, c] = q.sourceShape;
  const depth = Math.max(4, up(q.tapsY.index.length * q.tapsX.index.length * c, 4));
  const rows = productRows(backend, depth);
  const positions = n * q.grid.height * q.grid.width;
  const panels = Math.ceil(q.columns / 8);
  const packed = backend.temporary(depth * panels * 32, 'a packed filter');
  const [tapStep, channelStep, columnStep] = q.filterSteps;
  const [tapRows, tapColumns] = [q.tapsY.index.length, q.tapsX.index.length];
  backend.runtime.run(
    'PackFilter',
    {
      filter: q.filter,
      packed: packed.pointer,
      channels: c,
      columns: q.columns,
      channelStep,
      columnStep,
      tapRows,
      tapColumns,
      tapStep,
      kernelWidth: q.kernelWidth,
      taps: [...q.tapsY.index, ...q.tapsX.index],
    },
    { label: 'filter packing', chunks: panels, parallel: depth * q.columns > 20_000 },
  );
  backend.runtime.scratch(rows * depth * 4 + rows * panels * 32 + c * 4 + 4096);
  const args = {
    source: q.source,
    height: h,
    width: w,
    channels: c,
    gridHeight: q.grid.height,
    gridWidth: q.grid.width,
    columns: q.columns,
    strideY: q.stride.y,
    strideX: q.stride.x,
    rowsPerBlock: rows,
    positions,
    tapRows,
    tapColumns,
    packed: packed.pointer,
    y: q.y,
    bias: q.bias,
    relu: q.relu,
    ...q.place,
    taps: [...q.tapsY.offset, ...q.tapsX.offset],
  };
  const parallel = positions * depth * q.columns > 50_000;
  backend.runtime.run('ImplicitGemm', args, { label: q.label, chunks: chunksOf(positions, rows), parallel });
  packed.release();
}

/** Positions go where they are in the grid. */
const everyPixel = { stepY: 1, stepX: 1, phaseY: 0, phaseX: 0 };

/** y = x ∗ filter (+ bias, relu) for any kernel size, stride, dilation and padding. */
export function implicitGemmForward(
  backend: SimdBackend,
  x: TensorInfo,
  filter: TensorInfo,
  p: ConvPlan,
  { bias, relu }: Epilogue,
): TensorInfo {
  const pointers = {
    source: backend.pointer(x),
    filter: backend.pointer(filter),
    bias: bias && backend.pointer(bias),
    relu,
  };
  const y = backend.makeOutputTensor(outputShape(p));
  const tapsY = forwardTaps(p.kernelHeight, p.dilationY, p.top);
  const tapsX = forwardTaps(p.kernelWidth, p.dilationX, p.left);
  product(backend, {
    ...pointers,
    sourceShape: [p.n, p.h, p.w, p.c],
    y: backend.pointer(y),
    columns: p.k,
    tapsY,
    tapsX,
    grid: { height: p.oh, width: p.ow },
    stride: { y: p.strideY, x: p.strideX },
    place: { outHeight: p.oh, outWidth: p.ow, ...everyPixel },
    filterSteps: [p.c * p.k, p.k, 1],
    kernelWidth: p.kernelWidth,
    label: `implicit GEMM ${p.kernelHeight}×${p.kernelWidth}/${p.strideY} ${p.c}→${p.k}`,
  });
  return y;
}

/** dx of y = x ∗ filter: one product for each phase of the stride. */
export function implicitGemmInput(backend: SimdBackend, dy: TensorInfo, filter: TensorInfo, p: ConvPlan): TensorInfo {
  const pointers = { source: backend.pointer(dy), filter: backend.pointer(filter), relu: false };
  const dx = backend.makeOutputTensor([p.n, p.h, p.w, p.c]);
  for (let phaseY = 0; phaseY < Math.min(p.strideY, p.h); phaseY++) {
    for (let phaseX = 0; phaseX < Math.min(p.strideX, p.w); phaseX++) {
      product(backend, {
        ...pointers,
        sourceShape: [p.n, p.oh, p.ow, p.k],
        y: backend.pointer(dx),
        columns: p.c,
        tapsY: gradientTaps(p.kernelHeight, p.dilationY, p.top, p.strideY, phaseY),
        tapsX: gradientTaps(p.kernelWidth, p.dilationX, p.left, p.strideX, phaseX),
        grid: { height: Math.ceil((p.h - phaseY) / p.strideY), width: Math.ceil((p.w - phaseX) / p.strideX) },
        stride: { y: 1, x: 1 },
        place: { outHeight: p.h, outWidth: p.w, stepY: p.strideY, stepX: p.strideX, phaseY, phaseX },
        filterSteps: [p.c * p.k, 1, p.k],
        kernelWidth: p.kernelWidth,
        label: `implicit GEMM input gradient ${p.kernelHeight}×${p.kernelWidth}/${p.strideY} ${p.c}→${p.k}`,
      });
    }
  }
  return dx;
}

/** How a filter gradient is divided: blocks of rows among partial results, its depth and columns among slices. */
interface Division {
  rows: number;
  perChunk: number;
  count: number;
  depthPerSlice: number;
  columnsPerSlice: number;
  slices: number;
  /** Bytes of a partial result. */
  bytes: number;
}

/** Partial results of whole vectors, up to 32 MiB of them. */
function divide(depth: number, columns: number, positions: number): Division {
  const rows = gradientRows(up(depth, 4));
  const blocks = chunksOf(positions, rows);
  const bytes = up(depth, 4) * Math.ceil(columns / 8) * 32;
  const perChunk = Math.ceil(blocks / Math.max(4, Math.min(32, Math.floor(2 ** 25 / bytes))));
  return {
    rows,
    perChunk,
    count: chunksOf(blocks, perChunk),
    depthPerSlice: depth,
    columnsPerSlice: columns,
    slices: 1,
    bytes,
  };
}

/** Values of a slice: they stay in a core's second cache while all positions pass. */
const SLICE = 65_536;
/** Chunks for threads to share. */
const CHUNKS = 16;

/** Native code sums slices of many values at once: the larger a gradient, the fewer partial results. */
function divideNatively(depth: number, channels: number, columns: number, positions: number): Division {
  const rows = channels % 16 === 0 ? 128 : gradientRows(depth);
  const columnsPerSlice = Math.min(columns, 512);
  // Whole vectors of channels, or else all.
  const depthPerSlice = channels % 16 === 0 ? Math.min(depth, up(SLICE / columnsPerSlice, 16)) : depth;
  const slices = chunksOf(depth, depthPerSlice) * chunksOf(columns, columnsPerSlice);
  const perChunk = Math.ceil(chunksOf(positions, rows) / Math.ceil(CHUNKS / slices));
  const count = chunksOf(chunksOf(positions, rows), perChunk);
  return { rows, perChunk, count, depthPerSlice, columnsPerSlice, slices, bytes: depth * columns * 4 };
}

/** Aᵀ·dy summed over positions, A being what the taps of a convolution read: a filter gradient, or a product with a transposed matrix. */
function filterProduct(backend: SimdBackend, [x, dy, dw]: [number, number, number], p: ConvPlan, label: string): void {
  const depth = p.kernelHeight * p.kernelWidth * p.c;
  const positions = p.n * p.oh * p.ow;
  const { isNative } = backend.runtime;
  const d = isNative ? divideNatively(depth, p.c, p.k, positions) : divide(depth, p.k, positions);
  const isWhole = isNative && d.count === 1;
  const sums = isWhole ? undefined : backend.temporary(d.bytes * d.count, 'partial filter gradients');
  backend.runtime.scratch(d.rows * up(depth, 4) * 4 + d.rows * Math.ceil(p.k / 8) * 32 + p.c * 4 + 4096);
  const args = {
    source: x,
    height: p.h,
    width: p.w,
    channels: p.c,
    gridHeight: p.oh,
    gridWidth: p.ow,
    columns: p.k,
    strideY: p.strideY,
    strideX: p.strideX,
    rowsPerBlock: d.rows,
    positions,
    tapRows: p.kernelHeight,
    tapColumns: p.kernelWidth,
    dy,
    partials: sums?.pointer ?? dw,
    blocksPerChunk: d.perChunk,
    depthPerSlice: d.depthPerSlice,
    columnsPerSlice: d.columnsPerSlice,
  };
  const tapsY = forwardTaps(p.kernelHeight, p.dilationY, p.top).offset;
  const tapsX = forwardTaps(p.kernelWidth, p.dilationX, p.left).offset;
  backend.runtime.run(
    'ImplicitGemmFilterGradient',
    { ...args, taps: [...tapsY, ...tapsX] },
    { label, chunks: d.count * d.slices, parallel: positions * depth * p.k > 50_000 },
  );
  if (!sums) return;
  backend.runtime.run(
    'ImplicitGemmFilterGradientFinish',
    { partials: sums.pointer, gradient: dw, count: d.count, depth, columns: p.k },
    { label: 'filter gradient, last step', chunks: up(depth, 4) / 4, parallel: d.bytes * d.count > 100_000 },
  );
  sums.release();
}

/** dfilter of y = x ∗ filter. */
export function implicitGemmFilter(backend: SimdBackend, x: TensorInfo, dy: TensorInfo, p: ConvPlan): TensorInfo {
  const pointers = [backend.pointer(x), backend.pointer(dy)] as const;
  const dw = backend.makeOutputTensor([p.kernelHeight, p.kernelWidth, p.c, p.k]);
  const label = `implicit GEMM filter gradient ${p.kernelHeight}×${p.kernelWidth}/${p.strideY} ${p.c}→${p.k}`;
  filterProduct(backend, [...pointers, backend.pointer(dw)], p, label);
  return dw;
}

const identity: Taps = { index: [0], offset: [0] };

/** y [rows, columns] = a·b (+ bias, relu), b [depth, columns] or its transpose. */
export function matrixProduct(
  backend: SimdBackend,
  pointers: Pick<Product, 'source' | 'filter' | 'y' | 'bias' | 'relu'>,
  [rows, depth, columns]: [number, number, number],
  transposeB: boolean,
): void {
  product(backend, {
    ...pointers,
    sourceShape: [1, 1, rows, depth],
    columns,
    tapsY: identity,
    tapsX: identity,
    grid: { height: 1, width: rows },
    stride: { y: 1, x: 1 },
    place: { outHeight: 1, outWidth: rows, ...everyPixel },
    filterSteps: transposeB ? [0, 1, depth] : [0, columns, 1],
    kernelWidth: 1,
    label: 'matrix product',
  });
}

/** y [rows, columns] = aᵀ·b with a [depth, rows] and b [depth, columns]. */
export function transposedProduct(
  backend: SimdBackend,
  pointers: [a: number, b: number, y: number],
  [rows, depth, columns]: [number, number, number],
): void {
  const one = { n: 1, h: 1, w: depth, c: rows, oh: 1, ow: depth, k: columns };
  const plain = {
    kernelHeight: 1,
    kernelWidth: 1,
    strideY: 1,
    strideX: 1,
    dilationY: 1,
    dilationX: 1,
    top: 0,
    left: 0,
  };
  filterProduct(backend, pointers, { ...one, ...plain }, 'matrix product');
}
