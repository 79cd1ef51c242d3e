import { bindings, FLAT_GROUP, fold, type Program } from '../program';

const LANES = 8;

/** y [size] = Σ parts [pieces][size], by eight lanes that are added in order. Buffers: parts, y. */
export function sumPieces(size: number, pieces: number): Program {
  const width = 256 / LANES;
  const code = `
${bindings(['parts', '>y'], 'f32')}
var<workgroup> sums: array<f32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (${FLAT_GROUP}) * ${width}u + local % ${width}u;
  var sum = 0.0;
  if (i < ${size}u) { for (var z = local / ${width}u; z < ${pieces}u; z += ${LANES}u) { sum += parts[z * ${size}u + i]; } }
  sums[local] = sum;
  for (var half = 128u; half >= ${width}u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { sums[local] += sums[local + half]; }
  }
  if (local < ${width}u && i < ${size}u) { y[i] = sums[local]; }
}`;
  return { label: 'sum of pieces', code, grid: fold(Math.ceil(size / width)) };
}
