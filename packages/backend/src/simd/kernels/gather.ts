import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { chunksOf } from '../kernel';
import { type ConvPlan, type Epilogue, outputShape } from './conv-plan';

const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Rows of a block: its gathered values should stay in the cache. */
const rowsFor = (depth: number): number => Math.min(128, Math.max(32, up(Math.floor(262_144 / (depth * 4)), 4)));

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

/** Arguments from 32 on hold the taps. */
const withTaps = (args: number[], y: number[], x: number[]): number[] => [
  ...args,
  ...Array<number>(32 - args.length).fill(0),
  ...y,
  ...x,
];

/** A product of gathered positions with a filter. Tensors are given by where they lie. */
interface Product {
  source: number;
  sourceShape: [n: number, h: number, w: number, c: number];
  filter: number;
  y: number;
  bias: number;
  relu: boolean;
  columns: number;
  tapsY: Taps;
  tapsX: Taps;
  /** Grid of positions for each image, and the step of its source. */
  grid: [height: number, width: number];
  stride: [y: number, x: number];
  /** Step and phase in the output. */
  place: [height: number, width: number, stepY: number, stepX: number, phaseY: number, phaseX: number];
  /** Steps in the filter by tap, source channel and column. */
  filterSteps: [tap: number, channel: number, column: number];
  kernelWidth: number;
  label: string;
}

function product(backend: SimdBackend, q: Product): void {
  const [n, h, w, c] = q.sourceShape;
  const depth = Math.max(4, up(q.tapsY.index.length * q.tapsX.index.length * c, 4));
  const rows = rowsFor(depth);
  const positions = n * q.grid[0] * q.grid[1];
  const panels = Math.ceil(q.columns / 8);
  const packed = backend.temporary(depth * panels * 32, 'a packed filter');
  const [tapStep, channelStep, columnStep] = q.filterSteps;
  const pack = [
    q.filter,
    packed.pointer,
    c,
    q.columns,
    channelStep,
    columnStep,
    q.tapsY.index.length,
    q.tapsX.index.length,
    tapStep,
    q.kernelWidth,
  ];
  backend.runtime.run(
    Job.PackWeights,
    'filter packing',
    panels,
    withTaps(pack, q.tapsY.index, q.tapsX.index),
    depth * q.columns > 20_000,
  );
  backend.runtime.scratch(rows * depth * 4 + rows * panels * 32 + c * 4 + 4096);
  const args = [
    q.source,
    packed.pointer,
    q.y,
    h,
    w,
    c,
    ...q.grid,
    q.columns,
    ...q.stride,
    rows,
    positions,
    q.tapsY.index.length,
    q.tapsX.index.length,
    q.bias,
    q.relu ? 1 : 0,
    ...q.place,
  ];
  backend.runtime.run(
    Job.GatherForward,
    q.label,
    chunksOf(positions, rows),
    withTaps(args, q.tapsY.offset, q.tapsX.offset),
    positions * depth * q.columns > 50_000,
  );
  packed.release();
}

/** y = x ∗ filter (+ bias, relu) for any kernel size, stride, dilation and padding. */
export function gatherForward(
  backend: SimdBackend,
  x: TensorInfo,
  filter: TensorInfo,
  p: ConvPlan,
  { bias, relu }: Epilogue,
): TensorInfo {
  const pointers = {
    source: backend.pointer(x),
    filter: backend.pointer(filter),
    bias: bias ? backend.pointer(bias) : 0,
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
    grid: [p.oh, p.ow],
    stride: [p.strideY, p.strideX],
    place: [p.oh, p.ow, 1, 1, 0, 0],
    filterSteps: [p.c * p.k, p.k, 1],
    kernelWidth: p.kernelWidth,
    label: `gather forward ${p.kernelHeight}×${p.kernelWidth}/${p.strideY} ${p.c}→${p.k}`,
  });
  return y;
}

/** dx of y = x ∗ filter: one product for each phase of the stride. */
export function gatherInput(backend: SimdBackend, dy: TensorInfo, filter: TensorInfo, p: ConvPlan): TensorInfo {
  const pointers = { source: backend.pointer(dy), filter: backend.pointer(filter), bias: 0, relu: false };
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
        grid: [Math.ceil((p.h - phaseY) / p.strideY), Math.ceil((p.w - phaseX) / p.strideX)],
        stride: [1, 1],
        place: [p.h, p.w, p.strideY, p.strideX, phaseY, phaseX],
        filterSteps: [p.c * p.k, 1, p.k],
        kernelWidth: p.kernelWidth,
        label: `gather input gradient ${p.kernelHeight}×${p.kernelWidth}/${p.strideY} ${p.c}→${p.k}`,
      });
    }
  }
  return dx;
}

/** Aᵀ·dy summed over positions, A being what the taps of a convolution read: a filter gradient, or a product with a transposed matrix. */
function filterProduct(backend: SimdBackend, [x, dy, dw]: [number, number, number], p: ConvPlan, label: string): void {
  const depth = p.kernelHeight * p.kernelWidth * p.c;
  const panels = Math.ceil(p.k / 8);
  const rows = rowsFor(up(depth, 4));
  const positions = p.n * p.oh * p.ow;
  const blocks = chunksOf(positions, rows);
  const size = up(depth, 4) * panels * 32;
  const perChunk = Math.ceil(blocks / Math.max(4, Math.min(32, Math.floor(2 ** 25 / size))));
  const partials = chunksOf(blocks, perChunk);
  const sums = backend.temporary(size * partials, 'partial filter gradients');
  backend.runtime.scratch(rows * up(depth, 4) * 4 + rows * panels * 32 + p.c * 4 + 4096);
  const args = [
    x,
    dy,
    sums.pointer,
    p.h,
    p.w,
    p.c,
    p.oh,
    p.ow,
    p.k,
    p.strideY,
    p.strideX,
    rows,
    positions,
    p.kernelHeight,
    p.kernelWidth,
    perChunk,
  ];
  const tapsY = forwardTaps(p.kernelHeight, p.dilationY, p.top).offset;
  const tapsX = forwardTaps(p.kernelWidth, p.dilationX, p.left).offset;
  backend.runtime.run(
    Job.GatherFilter,
    label,
    partials,
    withTaps(args, tapsY, tapsX),
    positions * depth * p.k > 50_000,
  );
  const finish = [sums.pointer, dw, partials, depth, p.k];
  backend.runtime.run(
    Job.GatherFilterFinish,
    'filter gradient, last step',
    up(depth, 4) / 4,
    finish,
    size * partials > 100_000,
  );
  sums.release();
}

/** dfilter of y = x ∗ filter. */
export function gatherFilter(backend: SimdBackend, x: TensorInfo, dy: TensorInfo, p: ConvPlan): TensorInfo {
  const pointers = [backend.pointer(x), backend.pointer(dy)] as const;
  const dw = backend.makeOutputTensor([p.kernelHeight, p.kernelWidth, p.c, p.k]);
  const label = `gather filter gradient ${p.kernelHeight}×${p.kernelWidth}/${p.strideY} ${p.c}→${p.k}`;
  filterProduct(backend, [...pointers, backend.pointer(dw)], p, label);
  return dw;
}

const identity: Taps = { index: [0], offset: [0] };

/** y [rows, columns] = a·b (+ bias, relu), b [depth, columns] or its transpose. */
export function matrixProduct(
  backend: SimdBackend,
  pointers: { source: number; filter: number; y: number; bias: number; relu: boolean },
  [rows, depth, columns]: [number, number, number],
  transposeB: boolean,
): void {
  product(backend, {
    ...pointers,
    sourceShape: [1, 1, rows, depth],
    columns,
    tapsY: identity,
    tapsX: identity,
    grid: [1, rows],
    stride: [1, 1],
    place: [1, rows, 1, 1, 0, 0],
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
