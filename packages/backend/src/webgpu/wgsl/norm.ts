import { bindings, FLAT_GROUP, f32, fold, type Program } from '../program';
import { pointwise } from './pointwise';

const THREADS = 256;

/** Workgroups that sums over rows are cut into, where there is so much to sum. */
const WANTED = 528;

/** How rows × channels are cut for sums over rows: `lanes` of channels beside each other, the rest of a workgroup along the rows. */
export interface RowSums {
  readonly vector: boolean;
  /** Vectors, or channels where they are no multiple of 4. */
  readonly width: number;
  readonly lanes: number;
  readonly down: number;
  /** Groups of lanes that cover all channels. */
  readonly groups: number;
  /** Rows of a piece, and pieces. */
  readonly rows: number;
  readonly parts: number;
}

/** Cuts rows × channels so that a large GPU is filled. */
export function rowSums(rows: number, channels: number): RowSums {
  const vector = channels % 4 === 0;
  const width = vector ? channels / 4 : channels;
  const lanes = Math.min(64, 2 ** Math.ceil(Math.log2(width)));
  const down = THREADS / lanes;
  const groups = Math.ceil(width / lanes);
  const wanted = Math.max(1, Math.min(Math.ceil(WANTED / groups), Math.ceil(rows / (4 * down))));
  const each = Math.ceil(rows / wanted);
  return { vector, width, lanes, down, groups, rows: each, parts: Math.ceil(rows / each) };
}

const element = (vector: boolean): string => (vector ? 'vec4f' : 'f32');

/** The frame of a sum of two values, `p` and `q`, over the rows of a piece; `each` adds a row to them, `end` uses them. */
function summing(
  l: RowSums,
  rows: number,
  names: readonly string[],
  [begin, each, end]: [string, string, string],
): string {
  return `
${bindings(names, element(l.vector))}
var<workgroup> sums: array<${element(l.vector)}, ${THREADS}>;
var<workgroup> others: array<${element(l.vector)}, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = ${FLAT_GROUP};
  if (flat >= ${l.parts * l.groups}u) { return; }
  let part = flat / ${l.groups}u;
  let down = local / ${l.lanes}u;
  let c = (flat % ${l.groups}u) * ${l.lanes}u + local % ${l.lanes}u;
  let first = part * ${l.rows}u;
  let last = min(first + ${l.rows}u, ${rows}u);
  var p = ${element(l.vector)}(0.0);
  var q = ${element(l.vector)}(0.0);
  if (c < ${l.width}u) {
    ${begin}
    for (var r = first + down; r < last; r += ${l.down}u) { let i = r * ${l.width}u + c; ${each} }
  }
  sums[local] = p;
  others[local] = q;
  for (var half = ${THREADS / 2}u; half >= ${l.lanes}u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { sums[local] += sums[local + half]; others[local] += others[local + half]; }
  }
  if (down == 0u && c < ${l.width}u) {
    p = sums[local]; q = others[local];
    ${end}
  }
}`;
}

/** Mean and squared deviations from it by piece and channel: `parts [parts][2][channels]`. Buffers: x, parts. */
export function statistics(rows: number, channels: number): Program & RowSums {
  const l = rowSums(rows, channels);
  // About the first row of the piece, a shift that keeps digits where the mean is large.
  const code = summing(
    l,
    rows,
    ['x', '>parts'],
    [
      `let shift = x[first * ${l.width}u + c];`,
      'let d = x[i] - shift; p += d; q = fma(d, d, q);',
      `let m = p / f32(last - first);
    parts[2u * part * ${l.width}u + c] = x[first * ${l.width}u + c] + m;
    parts[(2u * part + 1u) * ${l.width}u + c] = q - p * m;`,
    ],
  );
  return { label: `statistics ${channels}`, code, grid: fold(l.parts * l.groups), ...l };
}

/** Sums over pieces by channel: how many pieces of how many rows, the last one shorter. */
export interface Pieces {
  readonly parts: number;
  readonly rows: number;
}

/** The frame of a kernel with a workgroup for each channel, whose invocations take the pieces in turn. */
const byChannel = (channels: number, declarations: string, body: string): string => `
${declarations}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = ${FLAT_GROUP};
  if (c >= ${channels}u) { return; }
  ${body}
}`;

/**
 * Joins the moments of pieces by Chan's rule, in fixed order, and makes the factors of the normalization.
 * Buffers: parts, scale, offset, mean [c], variance [c] (biased), factors [2][c]: gain = scale / √(variance + ε), shift = offset − mean · gain.
 */
export function finishStatistics(rows: number, channels: number, pieces: Pieces, epsilon: number): Program {
  const code = byChannel(
    channels,
    `${bindings(['parts', 'scale', 'offset', '>mean', '>variance', '>factors'], 'f32')}
var<workgroup> counts: array<f32, ${THREADS}>;
var<workgroup> means: array<f32, ${THREADS}>;
var<workgroup> squares: array<f32, ${THREADS}>;
fn join(into: u32, n: f32, m: f32, s: f32) {
  let total = counts[into] + n;
  if (n == 0.0) { return; }
  let d = m - means[into];
  means[into] += d * (n / total);
  squares[into] += s + d * d * (counts[into] * n / total);
  counts[into] = total;
}`,
    `counts[local] = 0.0; means[local] = 0.0; squares[local] = 0.0;
  for (var z = local; z < ${pieces.parts}u; z += ${THREADS}u) {
    join(local, f32(min((z + 1u) * ${pieces.rows}u, ${rows}u) - z * ${pieces.rows}u), parts[2u * z * ${channels}u + c], parts[(2u * z + 1u) * ${channels}u + c]);
  }
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { join(local, counts[local + half], means[local + half], squares[local + half]); }
  }
  if (local == 0u) {
    let v = squares[0] / ${f32(rows)};
    let gain = scale[c] * inverseSqrt(v + ${f32(epsilon)});
    mean[c] = means[0]; variance[c] = v;
    factors[c] = gain; factors[${channels}u + c] = fma(-means[0], gain, offset[c]);
  }`,
  );
  return { label: `statistics, last step ${channels}`, code, grid: fold(channels) };
}

/** Factors of a normalization with given statistics. Buffers: mean, variance, scale, offset, factors [2][c]. */
export function givenFactors(channels: number, epsilon: number): Program {
  const code = `
${bindings(['mean', 'variance', 'scale', 'offset', '>factors'], 'f32')}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= ${channels}u) { return; }
  let gain = scale[c] * inverseSqrt(variance[c] + ${f32(epsilon)});
  factors[c] = gain; factors[${channels}u + c] = fma(-mean[c], gain, offset[c]);
}`;
  return { label: `factors ${channels}`, code, grid: fold(Math.ceil(channels / 64)) };
}

/** gain · x + shift by channel, (+ extra), then relu if asked. Buffers: x, factors, (extra,) y. */
export function applyAffine(rows: number, channels: number, extra: boolean, relu: boolean): Program {
  const vector = channels % 4 === 0;
  const width = vector ? channels / 4 : channels;
  const value = `fma(x[i], factors[c], factors[${width}u + c])${extra ? ' + extra[i]' : ''}`;
  return pointwise({
    label: `normalize${extra ? ' + add' : ''}${relu ? ' + relu' : ''} ${channels}`,
    names: ['x', 'factors', ...(extra ? ['extra'] : []), '>y'],
    size: rows * channels,
    vector,
    body: `let c = i % ${width}u; let v = ${value}; y[i] = ${relu ? `max(v, ${element(vector)}(0.0))` : 'v'};`,
  });
}

/** Through what a gradient arrives at a normalization. */
export type Through = 'none' | 'output' | 'factors';

/**
 * Σg and Σg·(x − mean) by piece, where g is dy, or what of it a relu lets through; then g is written as well.
 * Buffers: dy, x, mean, parts [parts][2][c], (through: output or factors, g).
 */
export function gradientSums(rows: number, channels: number, through: Through): Program & RowSums {
  const l = rowSums(rows, channels);
  const zero = `${element(l.vector)}(0.0)`;
  const g = {
    none: 'let g = dy[i];',
    output: `let g = select(${zero}, dy[i], output[i] > ${zero}); written[i] = g;`,
    factors: `let g = select(${zero}, dy[i], fma(x[i], factors[c], factors[${l.width}u + c]) > ${zero}); written[i] = g;`,
  }[through];
  const names = ['dy', 'x', 'mean', '>parts', ...(through === 'none' ? [] : [through, '>written'])];
  const code = summing(l, rows, names, [
    'let m = mean[c];',
    `${g} p += g; q = fma(g, x[i] - m, q);`,
    `parts[2u * part * ${l.width}u + c] = p; parts[(2u * part + 1u) * ${l.width}u + c] = q;`,
  ]);
  return { label: `gradient sums ${channels}`, code, grid: fold(l.parts * l.groups), ...l };
}

/**
 * Adds the sums of pieces, in fixed order, to the gradients of scale and offset, and to the coefficients of
 * dx = gain · (g − mean(g) − (x − mean) · slope). Buffers: parts, scale, mean, variance, dScale, dOffset, coefficients [4][c]: gain, mean(g), mean, slope.
 */
export function finishGradientSums(rows: number, channels: number, parts: number, epsilon: number): Program {
  const code = byChannel(
    channels,
    `${bindings(['parts', 'scale', 'mean', 'variance', '>dscale', '>doffset', '>coefficients'], 'f32')}
var<workgroup> sums: array<vec2f, ${THREADS}>;`,
    `var sum = vec2f(0.0);
  for (var z = local; z < ${parts}u; z += ${THREADS}u) { sum += vec2f(parts[2u * z * ${channels}u + c], parts[(2u * z + 1u) * ${channels}u + c]); }
  sums[local] = sum;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { sums[local] += sums[local + half]; }
  }
  if (local == 0u) {
    let inverse = inverseSqrt(variance[c] + ${f32(epsilon)});
    let total = sums[0];
    dscale[c] = total.y * inverse; doffset[c] = total.x;
    coefficients[c] = scale[c] * inverse; coefficients[${channels}u + c] = total.x / ${f32(rows)};
    coefficients[${2 * channels}u + c] = mean[c]; coefficients[${3 * channels}u + c] = total.y * inverse * inverse / ${f32(rows)};
  }`,
  );
  return { label: `gradient sums, last step ${channels}`, code, grid: fold(channels) };
}

/** The gradient that leaves a normalization. Buffers: g, x, coefficients, dx. */
export function applyGradient(rows: number, channels: number): Program {
  const vector = channels % 4 === 0;
  const w = vector ? channels / 4 : channels;
  return pointwise({
    label: `normalization gradient ${channels}`,
    names: ['g', 'x', 'k', '>dx'],
    size: rows * channels,
    vector,
    body: `let c = i % ${w}u; dx[i] = k[c] * (g[i] - k[${w}u + c] - (x[i] - k[${2 * w}u + c]) * k[${3 * w}u + c]);`,
  });
}
