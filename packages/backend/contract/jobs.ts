import { type Fields, ordered } from './fields';

// Sizes of a 3×3 stride-1 convolution, and how its input comes about. First in all three Winograd passes.
const winogradPass = {
  /** Input, NHWC. */
  x: 'pointer',
  height: 'int',
  width: 'int',
  inputs: 'int',
  outHeight: 'int',
  outWidth: 'int',
  outputs: 'int',
  padTop: 'int',
  padLeft: 'int',
  /** Rows of tiles in a block, and in all images. */
  stripsPerBlock: 'int',
  strips: 'int',
  /** An `InputMode`, its factors by channel, and what was normalized (`NormGradient` only). */
  inputMode: 'int',
  inputFactors: 'pointer?',
  inputOther: 'pointer?',
} as const satisfies Fields;

const winogradForward = {
  ...winogradPass,
  /** The filter, transformed. */
  filter: 'pointer',
  y: 'pointer',
  /** An `OutputMode`; what the others mean depends on it. */
  outputMode: 'int',
  outputFactors: 'pointer?',
  /** Added to the output, of its shape. */
  extra: 'pointer?',
  relu: 'flag',
  /** Partial sums by block: `[blocks][3][channels]`. */
  parts: 'pointer?',
  /** The output of the relu that a gradient passes; else `outputFactors` tell what it let through. */
  mask: 'pointer?',
  /** What the normalization before that relu normalized, and its mean. */
  normalized: 'pointer?',
  mean: 'pointer?',
} as const satisfies Fields;

const winogradFilterGradient = {
  ...winogradPass,
  dy: 'pointer',
  /** Partial results by chunk, in the transformed domain. */
  partials: 'pointer',
  blocksPerChunk: 'int',
  /** Native code only: channels that a chunk does. Chunks are `[outputs / outputsPerSlice][inputs / inputsPerSlice][blocks / blocksPerChunk]`. */
  inputsPerSlice: 'int',
  outputsPerSlice: 'int',
  /** As the three of the input, for dy. */
  gradientMode: 'int',
  gradientFactors: 'pointer?',
  gradientOther: 'pointer?',
} as const satisfies Fields;

// Rows of a product are positions of a grid `[images][gridHeight][gridWidth]`; position and tap give the pixel that is read. First in both jobs.
const positions = {
  source: 'pointer',
  height: 'int',
  width: 'int',
  channels: 'int',
  gridHeight: 'int',
  gridWidth: 'int',
  columns: 'int',
  strideY: 'int',
  strideX: 'int',
  rowsPerBlock: 'int',
  positions: 'int',
  tapRows: 'int',
  tapColumns: 'int',
} as const satisfies Fields;

// First in all pooling jobs.
const pool = {
  x: 'pointer',
  height: 'int',
  width: 'int',
  channels: 'int',
  outHeight: 'int',
  outWidth: 'int',
  windowHeight: 'int',
  windowWidth: 'int',
  strideY: 'int',
  strideX: 'int',
  padTop: 'int',
  padLeft: 'int',
} as const satisfies Fields;

const poolGradient = { ...pool, dy: 'pointer', dx: 'pointer' } as const satisfies Fields;

// Rows of channels, `block` of them in a chunk.
const rows = { rows: 'int', channels: 'int', block: 'int' } as const satisfies Fields;

/**
 * The jobs that WebAssembly does, and native code where there is some, with the arguments of each. This is the one declaration: TypeScript takes types and
 * encoding from it (`encode.ts`), AssemblyScript and C++ structs and the numbers of jobs (`build/contract.ts`). All tensors are float32, channels last.
 * Factors by channel are `[2 or 3][channels rounded up to 4]`.
 */
export const jobs = {
  /** U = G·w·Gᵀ. Chunk: eight output channels. */
  WinogradFilterTransform: {
    filter: 'pointer',
    transformed: 'pointer',
    inputs: 'int',
    outputs: 'int',
    flipped: 'flag',
  },
  /** y = x ∗ filter. Chunk: a block of strips. */
  WinogradForward: winogradForward,
  /** Partial filter gradients. Chunk: some blocks. */
  WinogradFilterGradient: winogradFilterGradient,
  /** Input gradient and partial filter gradients of one convolution. Chunk: some blocks, `filter.blocksPerChunk`. */
  WinogradBackward: { input: winogradForward, filter: winogradFilterGradient },
  /** dw from partial results. Chunk: four input channels. */
  WinogradFilterGradientFinish: {
    partials: 'pointer',
    gradient: 'pointer',
    count: 'int',
    inputs: 'int',
    outputs: 'int',
  },
  /** A filter as the right side of a product: `[columns/8][depth][8]`. Chunk: eight columns. */
  PackFilter: {
    filter: 'pointer',
    packed: 'pointer',
    channels: 'int',
    columns: 'int',
    channelStep: 'int',
    columnStep: 'int',
    tapRows: 'int',
    tapColumns: 'int',
    tapStep: 'int',
    kernelWidth: 'int',
    /** Rows, then columns of the kernel that take part. */
    taps: 'ints',
  },
  /** A convolution as a product of gathered positions and a packed filter. Chunk: a block of rows. */
  ImplicitGemm: {
    ...positions,
    packed: 'pointer',
    y: 'pointer',
    bias: 'pointer?',
    relu: 'flag',
    // Where a position of the grid goes in the output.
    outHeight: 'int',
    outWidth: 'int',
    stepY: 'int',
    stepX: 'int',
    phaseY: 'int',
    phaseX: 'int',
    /** Offsets in the source: of rows, then of columns. */
    taps: 'ints',
  },
  /** Partial filter gradients of such a convolution. Chunk: some blocks. */
  ImplicitGemmFilterGradient: {
    ...positions,
    dy: 'pointer',
    partials: 'pointer',
    blocksPerChunk: 'int',
    /** Native code only: what of dw a chunk does. Chunks are `[columns / columnsPerSlice][depth / depthPerSlice][blocks / blocksPerChunk]`. */
    depthPerSlice: 'int',
    columnsPerSlice: 'int',
    taps: 'ints',
  },
  /** dw from partial results. Chunk: four rows. */
  ImplicitGemmFilterGradientFinish: {
    partials: 'pointer',
    gradient: 'pointer',
    count: 'int',
    depth: 'int',
    columns: 'int',
  },
  /** Mean and squared deviations by block: `[chunks][3][channels]`. */
  NormStatistics: { x: 'pointer', parts: 'pointer', ...rows },
  /** Mean and biased variance from blocks. One chunk. */
  NormStatisticsFinish: { parts: 'pointer', mean: 'pointer', variance: 'pointer', ...rows },
  /** y = a·x + b (+ extra), then relu if asked. */
  NormApply: { x: 'pointer', y: 'pointer', factors: 'pointer', ...rows, relu: 'flag', extra: 'pointer?' },
  /** Σg and Σg·(x − mean) by block. g is what of dy passes the `Mask`, whose source is an output or factors. */
  NormGradientSums: {
    dy: 'pointer',
    x: 'pointer',
    mean: 'pointer',
    parts: 'pointer',
    ...rows,
    mask: 'int',
    maskSource: 'pointer?',
    g: 'pointer?',
  },
  /** dScale, dOffset and the factors of dx = a·g + b·x + c. One chunk. */
  NormGradientSumsFinish: {
    parts: 'pointer',
    scale: 'pointer',
    mean: 'pointer',
    variance: 'pointer',
    dScale: 'pointer',
    dOffset: 'pointer',
    factors: 'pointer',
    rows: 'int',
    channels: 'int',
    count: 'int',
    epsilon: 'float',
  },
  /** dx = a·g + b·x + c. */
  NormGradientApply: { g: 'pointer', x: 'pointer', factors: 'pointer', dx: 'pointer', ...rows },
  /** y = max(x, 0). Chunk: `block` values, here and below. */
  Relu: { x: 'pointer', y: 'pointer', size: 'int', block: 'int' },
  /** y = f(x) by a `UnaryOperation`. */
  Unary: { x: 'pointer', y: 'pointer', size: 'int', block: 'int', operation: 'int' },
  /** dx = y > 0 ? dy : 0. */
  ReluGradient: { dy: 'pointer', y: 'pointer', dx: 'pointer', size: 'int', block: 'int' },
  /** y = a ∘ b by an `Operation`; either may be a `Single` value. */
  Arithmetic: { a: 'pointer', b: 'pointer', y: 'pointer', size: 'int', block: 'int', operation: 'int', single: 'int' },
  /** y `[outer][middle][inner]`, either a or b (`single`) `[outer][1][inner]`. Chunk: a block of outer · middle. */
  ArithmeticByRow: {
    a: 'pointer',
    b: 'pointer',
    y: 'pointer',
    rows: 'int',
    block: 'int',
    operation: 'int',
    single: 'int',
    middle: 'int',
    inner: 'int',
  },
  /** Chunk: one row of the output of one image. */
  MaxPool: { ...pool, y: 'pointer' },
  /** Chunk: one image. */
  MaxPoolGradient: poolGradient,
  /** Chunk: one row of the output of one image. */
  AveragePool: { ...pool, y: 'pointer' },
  /** Chunk: one image. */
  AveragePoolGradient: poolGradient,
  /** y `[outer][channels]` = factor · Σ over the middle axis of x. Chunk: one of outer. */
  SpatialSum: { x: 'pointer', y: 'pointer', middle: 'int', channels: 'int', factor: 'float' },
  /** Option A. Chunk: one row of the output of one image. */
  PadShortcut: {
    x: 'pointer',
    y: 'pointer',
    height: 'int',
    width: 'int',
    channels: 'int',
    stride: 'int',
    before: 'int',
    after: 'int',
  },
  /** Chunk: one row of dx of one image. */
  PadShortcutGradient: {
    dy: 'pointer',
    dx: 'pointer',
    height: 'int',
    width: 'int',
    channels: 'int',
    stride: 'int',
    before: 'int',
    outChannels: 'int',
  },
  /** Loss of each row, its gradient by the logits times `factor`, and, if asked, 1 for each row whose largest logit is not that of its label. Chunk: a block of rows. */
  SoftmaxCrossEntropy: {
    logits: 'pointer',
    labels: 'pointer',
    losses: 'pointer',
    wrong: 'pointer?',
    gradient: 'pointer',
    rows: 'int',
    classes: 'int',
    block: 'int',
    factor: 'float',
  },
  /** Sums of two rows of numbers over `total`, and the first of the two once more. One chunk. */
  Measure: { losses: 'pointer', wrong: 'pointer', measured: 'pointer', loss: 'pointer', rows: 'int', total: 'int' },
  /** a = scale / √(variance + ε), b = offset − mean·a, with what is left out as 1 or 0; without a variance a = scale. One chunk. */
  ChannelFactors: {
    factors: 'pointer',
    mean: 'pointer?',
    variance: 'pointer?',
    scale: 'pointer?',
    offset: 'pointer?',
    channels: 'int',
    epsilon: 'float',
  },
  /** next = keep · running + add · batch, for mean and variance. One chunk. */
  RunningStatistics: {
    mean: 'pointer',
    variance: 'pointer',
    runningMean: 'pointer',
    runningVariance: 'pointer',
    nextMean: 'pointer',
    nextVariance: 'pointer',
    channels: 'int',
    keep: 'float',
    addMean: 'float',
    addVariance: 'float',
  },
  /** A step of SGD with momentum for a table of `Parameter`; next may be the same memory. Chunk: one parameter. */
  MomentumUpdate: { table: 'pointer', rate: 'pointer', momentum: 'float', nesterov: 'flag' },
} as const satisfies Readonly<Record<string, Fields>>;

/** What several jobs begin with, and rows of tables in memory. Compiled like jobs. */
export const structs = {
  WinogradPass: winogradPass,
  Positions: positions,
  Pool: pool,
  PoolGradient: poolGradient,
  Parameter: {
    weight: 'pointer',
    gradient: 'pointer',
    velocity: 'pointer',
    nextWeight: 'pointer',
    nextVelocity: 'pointer',
    size: 'int',
    decay: 'float',
  },
} as const satisfies Readonly<Record<string, Fields>>;

/** Name of a job. */
export type JobName = keyof typeof jobs;

/** Jobs in the order of their numbers. */
export const jobNames = ordered(jobs);
