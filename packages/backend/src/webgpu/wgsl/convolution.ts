import type { ConvPlan } from '../../simd/kernels/conv-plan';
import { bind, type Program } from '../program';
import { type Accumulators, chooseTile, gemm, gridOf, type Tile } from './gemm';

/** How a convolution reads its input: as it lies, or through `relu(gain · x + shift)` by channel. */
export type InputMode = 'plain' | 'affine-relu';

/** What a convolution does with its output beside storing it. */
export type OutputMode = 'plain' | 'statistics';

/** A convolution and, where it makes them, its partial sums by tile of rows. */
export interface ConvolutionProgram extends Program {
  readonly tile: Tile;
  /** Tiles of rows, each of which writes one set of partial sums; its rows are `tile.rows` but in the last. */
  readonly parts: number;
}

const name = ({ kernelHeight, strideY, c, k }: ConvPlan): string =>
  `${kernelHeight}×${kernelHeight}/${strideY} ${c}→${k}`;

/** The element type of a buffer: vectors where its innermost axis is a multiple of 4. */
const element = (vector: boolean): string => (vector ? 'vec4f' : 'f32');

/** `relu(gain · value + shift)` of channels from `channel` on, for an input that is normalized while it is read. */
const prologue = (mode: InputMode, vector: boolean, channels: number): string =>
  mode === 'plain'
    ? 'fn normalized(value: T, channel: u32) -> T { return value; }'.replaceAll('T', element(vector))
    : `fn normalized(value: T, channel: u32) -> T { return max(fma(value, factors[channel${vector ? ' / 4u' : ''}], factors[${
        vector ? `${channels / 4}u + channel / 4u` : `${channels}u + channel`
      }]), T(0.0)); }`.replaceAll('T', element(vector));

/**
 * y [n·oh·ow, k] = patches(x) · filter [kh·kw·c, k].
 * Buffers: x, (factors,) filter, y, (parts: mean and squared deviations from it by tile and channel).
 */
export function convolution(p: ConvPlan, input: InputMode, output: OutputMode, tile?: Tile): ConvolutionProgram {
  const [rows, columns, inner] = [p.n * p.oh * p.ow, p.k, p.kernelHeight * p.kernelWidth * p.c];
  const chosen = tile ?? forwardTile(rows, columns);
  const [vectorX, vectorK] = [p.c % 4 === 0, p.k % 4 === 0];
  const first = input === 'plain' ? 0 : 1;
  const shape = { rows, columns, layers: 1, tile: chosen };
  const code = gemm({
    ...shape,
    inner,
    piece: inner,
    declarations: [
      bind(0, 'x', element(vectorX)),
      ...(first ? [bind(1, 'factors', element(vectorX))] : []),
      bind(first + 1, 'filter_', element(vectorK)),
      bind(first + 2, 'y', element(vectorK), 'read_write'),
      ...(output === 'statistics' ? [bind(first + 3, 'parts', 'f32', 'read_write')] : []),
      prologue(input, vectorX, p.c),
    ].join('\n'),
    left: { along: 'inner', vector: vectorX, load: patchAt('left(own: u32, inner: u32)', p, vectorX, 'own', 'inner') },
    right: {
      along: 'own',
      vector: vectorK,
      load: `fn right(own: u32, inner: u32) -> ${element(vectorK)} { return filter_[(inner * ${columns}u + own)${vectorK ? ' / 4u' : ''}]; }`,
    },
    store: storeRows('row', columns, vectorK),
    epilogue: output === 'statistics' ? (values) => statisticsOf(values, rows, columns) : undefined,
  });
  return {
    label: `convolution${output === 'statistics' ? ' + statistics' : ''} ${name(p)}`,
    code,
    grid: gridOf(shape),
    tile: chosen,
    parts: Math.ceil(rows / chosen.rows),
  };
}

/** Reads what tap and channel `inner` of output pixel `own` meet: zero outside the image. */
const patchAt = (signature: string, p: ConvPlan, vector: boolean, pixel: string, place: string): string => `
fn ${signature} -> ${element(vector)} {
  let tap = ${place} / ${p.c}u; let channel = ${place} % ${p.c}u;
  let column = ${pixel} % ${p.ow}u; let r = ${pixel} / ${p.ow}u; let line = r % ${p.oh}u; let image = r / ${p.oh}u;
  let iy = i32(line * ${p.strideY}u + (tap / ${p.kernelWidth}u) * ${p.dilationY}u) - ${p.top};
  let ix = i32(column * ${p.strideX}u + (tap % ${p.kernelWidth}u) * ${p.dilationX}u) - ${p.left};
  if (iy < 0 || iy >= ${p.h} || ix < 0 || ix >= ${p.w}) { return ${element(vector)}(0.0); }
  return normalized(x[(((image * ${p.h}u + u32(iy)) * ${p.w}u + u32(ix)) * ${p.c}u + channel)${vector ? ' / 4u' : ''}], channel);
}`;

/** Stores four columns at `place`, an expression for the row; by vectors where rows are whole vectors. */
const storeRows = (place: string, columns: number, vector: boolean, target = 'y'): string =>
  `fn store(row: u32, column: u32, value: vec4f) -> vec4f {
  ${
    vector
      ? `if (column < ${columns}u) { ${target}[((${place}) * ${columns}u + column) / 4u] = value; }`
      : `for (var i = 0u; i < 4u; i++) { if (column + i < ${columns}u) { ${target}[(${place}) * ${columns}u + column + i] = value[i]; } }`
  }
  return value;
}`;

/** Adds the vectors of all invocations that share columns, into the first; `name` is per invocation, reduced through workgroup memory. */
const columnSum = (target: string, { threads, threadsAcross }: Accumulators): string => `
  workgroupBarrier();
  slice_a[local] = ${target};
  for (var half = ${threads / 2}u; half >= ${threadsAcross}u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { slice_a[local] += slice_a[local + half]; }
  }
  workgroupBarrier();
  ${target} = slice_a[tn];`;

/** Mean of the tile's rows by column, and the sum of squared deviations from it: `parts[tile][2][columns]`. */
function statisticsOf(values: Accumulators, rows: number, columns: number): string {
  const { tile, vectors, wide, threadsAcross } = values;
  return Array.from({ length: wide }, (_, j) => {
    const own = vectors.filter(({ column }) => column === j);
    return `{
  let count = f32(min(${tile.rows}u, ${rows}u - m0));
  var mean = ${own.map(({ name: v, inside }) => `select(vec4f(0.0), ${v}, ${inside})`).join(' + ')};
  ${columnSum('mean', values)}
  mean /= count;
  var squares = vec4f(0.0);
  ${own.map(({ name: v, inside }) => `{ let d = select(vec4f(0.0), ${v} - mean, ${inside}); squares = fma(d, d, squares); }`).join('\n  ')}
  ${columnSum('squares', values)}
  let column = n0 + (tn + ${j * threadsAcross}u) * 4u;
  if (local < ${threadsAcross}u) { for (var i = 0u; i < 4u; i++) { if (column + i < ${columns}u) {
    parts[(tile_m * 2u) * ${columns}u + column + i] = mean[i];
    parts[(tile_m * 2u + 1u) * ${columns}u + column + i] = squares[i];
  } } }
  }`;
  }).join('\n');
}

/** What an input gradient does beside storing itself. */
export interface InputGradientMode {
  /** Adds another gradient of the same shape. */
  readonly extra: boolean;
  /**
   * The relu before which the gradient arrives: what its output lets through, or what the normalization that gave its
   * input lets through. Then Σg and Σg·(x − mean) by tile are written, too.
   */
  readonly through: 'none' | 'output' | 'factors';
}

/**
 * dx [n·h·w, c] = patches(dy) · filterᵀ [kh·kw·k, c]. A stride cuts dx into phases, one layer each, so that no zeros are multiplied.
 * Buffers: dy, filter, dx, (extra,) (through: x, output or factors [gain, shift], mean, parts).
 */
export function inputGradient(p: ConvPlan, mode: InputGradientMode, tile?: Tile): ConvolutionProgram {
  const [sy, sx] = [p.strideY, p.strideX];
  const [ph, pw] = [Math.ceil(p.h / sy), Math.ceil(p.w / sx)];
  const [th, tw] = [Math.ceil(p.kernelHeight / sy), Math.ceil(p.kernelWidth / sx)];
  const [rows, columns, inner, layers] = [p.n * ph * pw, p.c, th * tw * p.k, sy * sx];
  const summing = mode.through !== 'none';
  const chosen = tile ?? gradientTile(rows, columns, layers, summing);
  const [vectorK, vectorC] = [p.k % 4 === 0, p.c % 4 === 0];
  const shape = { rows, columns, layers, tile: chosen };
  const tiles = Math.ceil(rows / chosen.rows);
  const declarations = [
    bind(0, 'dy', element(vectorK)),
    bind(1, 'filter_', element(vectorK)),
    bind(2, 'dx', element(vectorC), 'read_write'),
  ];
  const also = (what: string, access: 'read' | 'read_write' = 'read', type = element(vectorC)) =>
    declarations.push(bind(declarations.length, what, type, access));
  if (mode.extra) also('extra');
  if (summing) {
    also('x');
    also(mode.through === 'output' ? 'output' : 'factors');
    also('mean');
    also('parts', 'read_write', 'f32');
  }
  declarations.push(`var<private> phase: u32; var<private> g: vec4f; var<private> gx: vec4f;`);
  const taps = `let a = phase / ${sx}u; let b = phase % ${sx}u; let ra = (a + ${p.top}u) % ${sy}u; let rb = (b + ${p.left}u) % ${sx}u;`;
  const tapOf = `let t = inner / ${p.k}u; let channel = inner % ${p.k}u; let ry = ra + (t / ${tw}u) * ${sy}u; let rx = rb + (t % ${tw}u) * ${sx}u;`;
  const zero = `${element(vectorK)}(0.0)`;
  const code = gemm({
    ...shape,
    inner,
    piece: inner,
    declarations: declarations.join('\n'),
    prologue: 'phase = layer;',
    left: {
      along: 'inner',
      vector: vectorK,
      load: `fn left(own: u32, inner: u32) -> ${element(vectorK)} {
  ${taps} ${tapOf}
  let qx = own % ${pw}u; let r = own / ${pw}u; let qy = r % ${ph}u; let image = r / ${ph}u;
  let ty = i32(qy * ${sy}u + a + ${p.top}u) - i32(ry); let tx = i32(qx * ${sx}u + b + ${p.left}u) - i32(rx);
  let oy = ty / ${sy}; let ox = tx / ${sx};
  if (ry >= ${p.kernelHeight}u || rx >= ${p.kernelWidth}u || ty < 0 || tx < 0 || oy >= ${p.oh} || ox >= ${p.ow}) { return ${zero}; }
  return dy[(((image * ${p.oh}u + u32(oy)) * ${p.ow}u + u32(ox)) * ${p.k}u + channel)${vectorK ? ' / 4u' : ''}];
}`,
    },
    // The filter lies [tap][c][k]: along k, the inner axis here.
    right: {
      along: 'inner',
      vector: vectorK,
      load: `fn right(own: u32, inner: u32) -> ${element(vectorK)} {
  ${taps} ${tapOf}
  if (ry >= ${p.kernelHeight}u || rx >= ${p.kernelWidth}u) { return ${zero}; }
  return filter_[(((ry * ${p.kernelWidth}u + rx) * ${p.c}u + own) * ${p.k}u + channel)${vectorK ? ' / 4u' : ''}];
}`,
    },
    store: storeThrough(p, mode, vectorC),
    epilogue: summing ? (values) => gradientSumsOf(values, p, tiles) : undefined,
  });
  return {
    label: `input gradient${summing ? ' + sums' : ''} ${name(p)}`,
    code,
    grid: gridOf(shape),
    tile: chosen,
    parts: tiles * layers,
  };
}

function storeThrough(p: ConvPlan, { extra, through }: InputGradientMode, vector: boolean): string {
  const [sy, sx] = [p.strideY, p.strideX];
  const [ph, pw] = [Math.ceil(p.h / sy), Math.ceil(p.w / sx)];
  const at = vector ? '(to + i) / 4u' : 'to + i';
  const channel = vector ? '(column + i) / 4u' : 'column + i';
  const second = vector ? `${p.c / 4}u + ` : `${p.c}u + `;
  const one = element(vector);
  const part = vector ? 'value' : 'value[i]';
  const masked = {
    none: '',
    output: `v = select(${one}(0.0), v, output[${at}] > ${one}(0.0));`,
    factors: `v = select(${one}(0.0), v, fma(x[${at}], factors[${channel}], factors[${second}${channel}]) > ${one}(0.0));`,
  }[through];
  const sums =
    through === 'none'
      ? ''
      : `let centered = x[${at}] - mean[${channel}];
    ${vector ? 'g += v; gx = fma(v, centered, gx);' : 'g[i] += v; gx[i] = fma(v, centered, gx[i]);'}`;
  const body = `var v = ${part}; ${extra ? `v += extra[${at}];` : ''} ${masked} ${sums} dx[${at}] = v;`;
  return `fn store(row: u32, column: u32, value: vec4f) -> vec4f {
  let qx = row % ${pw}u; let r = row / ${pw}u;
  let iy = (r % ${ph}u) * ${sy}u + phase / ${sx}u; let ix = qx * ${sx}u + phase % ${sx}u;
  if (iy >= ${p.h}u || ix >= ${p.w}u) { return value; }
  let to = (((r / ${ph}u) * ${p.h}u + iy) * ${p.w}u + ix) * ${p.c}u + column;
  ${
    vector
      ? `if (column < ${p.c}u) { const i = 0u; ${body} }`
      : `for (var i = 0u; i < 4u; i++) { if (column + i < ${p.c}u) { ${body} } }`
  }
  return value;
}`;
}

/** Σg and Σg·(x − mean) of the tile by column: `parts[layer · tiles + tile][2][columns]`. */
function gradientSumsOf(values: Accumulators, p: ConvPlan, tiles: number): string {
  if (values.wide !== 1)
    throw new RangeError(`inputGradient: sums need tiles of 4 columns an invocation, got ${values.wide * 4}.`);
  return `
  ${columnSum('g', values)}
  ${columnSum('gx', values)}
  let column = n0 + tn * 4u;
  let part = (layer * ${tiles}u + tile_m) * 2u;
  if (local < ${values.threadsAcross}u) { for (var i = 0u; i < 4u; i++) { if (column + i < ${p.c}u) {
    parts[part * ${p.c}u + column + i] = g[i];
    parts[(part + 1u) * ${p.c}u + column + i] = gx[i];
  } } }`;
}

/** A filter gradient in pieces, and how many there are. */
export interface FilterGradientProgram extends Program {
  readonly pieces: number;
}

/** Workgroups that a filter gradient is cut into, at least where there is so much to sum. */
const WANTED = 528;

/**
 * dfilter [kh·kw·c, k] = patches(x)ᵀ · dy [n·oh·ow, k], its long inner axis cut into pieces: `parts [pieces][kh·kw·c][k]`.
 * Buffers: x, (factors,) dy, parts. Add the pieces with `sumPieces`, in order: no atomics, the same bits every time.
 */
export function filterGradient(p: ConvPlan, input: InputMode, tile?: Tile): FilterGradientProgram {
  const [rows, columns, inner] = [p.kernelHeight * p.kernelWidth * p.c, p.k, p.n * p.oh * p.ow];
  const chosen = tile ?? filterTile(rows, columns);
  const [vectorX, vectorK] = [p.c % 4 === 0, p.k % 4 === 0];
  const first = input === 'plain' ? 0 : 1;
  const across = Math.ceil(rows / chosen.rows) * Math.ceil(columns / chosen.columns);
  const wanted = Math.max(1, Math.min(Math.ceil(WANTED / across), Math.floor(inner / (8 * chosen.depth))));
  const piece = Math.ceil(inner / wanted / chosen.depth) * chosen.depth;
  const pieces = Math.ceil(inner / piece);
  const shape = { rows, columns, layers: pieces, tile: chosen };
  const code = gemm({
    ...shape,
    inner,
    piece,
    declarations: [
      bind(0, 'x', element(vectorX)),
      ...(first ? [bind(1, 'factors', element(vectorX))] : []),
      bind(first + 1, 'dy', element(vectorK)),
      bind(first + 2, 'parts', element(vectorK), 'read_write'),
      prologue(input, vectorX, p.c),
      'var<private> piece: u32;',
    ].join('\n'),
    prologue: 'piece = layer;',
    left: { along: 'own', vector: vectorX, load: patchAt('left(own: u32, inner: u32)', p, vectorX, 'inner', 'own') },
    right: {
      along: 'own',
      vector: vectorK,
      load: `fn right(own: u32, inner: u32) -> ${element(vectorK)} { return dy[(inner * ${columns}u + own)${vectorK ? ' / 4u' : ''}]; }`,
    },
    store: storeRows(`piece * ${rows}u + row`, columns, vectorK, 'parts'),
  });
  return { label: `filter gradient ${name(p)}`, code, grid: gridOf(shape), pieces };
}

// Exceptions from `chooseTile` that a sweep over the layers of ResNet-20 and ResNet-50 on an H200 found to be faster by a tenth or more.

function forwardTile(rows: number, columns: number): Tile {
  const few = columns === 32 && rows <= 65_536;
  return few ? { rows: 64, columns: 16, height: 4, width: 4, depth: 16 } : chooseTile(rows, columns);
}

function gradientTile(rows: number, columns: number, layers: number, summing: boolean): Tile {
  const narrow = summing && columns > 16 && columns <= 64;
  return narrow
    ? { rows: 128, columns: 32, height: 8, width: 4, depth: 16 }
    : chooseTile(rows, columns, layers, summing ? 4 : 8);
}

/** Filter gradients have few rows and columns and are cut along the inner axis: the widest columns, and no rows that are wasted. */
function filterTile(rows: number, columns: number): Tile {
  const width = columns > 32 ? 64 : columns > 16 ? 32 : 16;
  if (width < 64 && rows % 72 === 0) return { rows: 72, columns: width, height: 4, width: 4, depth: 16 };
  const tall = rows >= 64;
  return { rows: tall ? 64 : 32, columns: width, height: tall && width === 64 ? 8 : 4, width: 4, depth: 16 };
}
