import { bindings, FLAT_GROUP, f32, fold, type Program } from '../program';

/** Invocations that share a row: more where rows are long. */
const lanesOf = (classes: number): number => (classes <= 32 ? 1 : 64);

/**
 * Of each row of scores: its loss, whether its largest score is not that of its label (1 or 0), and `(softmax · Σ labels − labels) / total`.
 * Buffers: logits, labels, gradient [n, k], losses [2][n]: loss, wrong.
 */
export function crossEntropyRows(rows: number, classes: number, total: number): Program {
  const lanes = lanesOf(classes);
  const perGroup = 64 / lanes;
  const reduce = (operation: string) => `
  for (var half = ${lanes / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { let a = shared_[local]; let b = shared_[local + half]; shared_[local] = ${operation}; }
  }
  workgroupBarrier();`;
  const together = (value: string, operation: string): string =>
    lanes === 1
      ? ''
      : `workgroupBarrier(); shared_[local] = ${value}; ${reduce(operation)} ${value} = shared_[local - lane];`;
  // The first of equal largest values counts, as in argMax.
  const best = 'select(b, a, a.x > b.x || (a.x == b.x && a.y < b.y))';
  const code = `
${bindings(['x', 'labels', '>gradient', '>losses'], 'f32')}
${lanes === 1 ? '' : 'var<workgroup> shared_: array<vec2f, 64>;'}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (${FLAT_GROUP}) * ${perGroup}u + local / ${lanes}u;
  let lane = local % ${lanes}u;
  let inside = row < ${rows}u;
  let at = select(0u, row, inside) * ${classes}u;
  var top = vec2f(x[at + min(lane, ${classes - 1}u)], f32(lane));
  var label = vec2f(labels[at + min(lane, ${classes - 1}u)], f32(lane));
  for (var j = lane + ${lanes}u; j < ${classes}u; j += ${lanes}u) {
    if (x[at + j] > top.x) { top = vec2f(x[at + j], f32(j)); }
    if (labels[at + j] > label.x) { label = vec2f(labels[at + j], f32(j)); }
  }
  ${together('top', best)}
  ${together('label', best)}
  var sums = vec2f(0.0);
  var product = vec2f(0.0);
  for (var j = lane; j < ${classes}u; j += ${lanes}u) {
    let d = x[at + j] - top.x;
    sums += vec2f(exp(d), labels[at + j]); product.x = fma(labels[at + j], d, product.x);
  }
  ${together('sums', 'a + b')}
  ${together('product', 'a + b')}
  if (!inside) { return; }
  for (var j = lane; j < ${classes}u; j += ${lanes}u) {
    gradient[at + j] = (exp(x[at + j] - top.x) / sums.x * sums.y - labels[at + j]) * ${f32(1 / total)};
  }
  if (lane == 0u) {
    losses[row] = fma(log(sums.x), sums.y, -product.x);
    losses[${rows}u + row] = select(0.0, 1.0, top.y != label.y);
  }
}`;
  return { label: 'cross-entropy', code, grid: fold(Math.ceil(rows / perGroup)) };
}

/** Sums of rows over `total`. Buffers: losses [2][n], loss [], measured [2]. */
export function measure(rows: number, total: number): Program {
  const code = `
${bindings(['losses', '>loss', '>measured'], 'f32')}
var<workgroup> sums: array<vec2f, 256>;
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
  var sum = vec2f(0.0);
  for (var i = local; i < ${rows}u; i += 256u) { sum += vec2f(losses[i], losses[${rows}u + i]); }
  sums[local] = sum;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { sums[local] += sums[local + half]; }
  }
  if (local == 0u) {
    let means = sums[0] / ${f32(total)};
    loss[0] = means.x; measured[0] = means.x; measured[1] = means.y;
  }
}`;
  return { label: 'cross-entropy, last step', code, grid: [1, 1, 1] };
}
