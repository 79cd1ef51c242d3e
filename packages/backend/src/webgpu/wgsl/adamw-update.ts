import { bind, bindings, FLAT_GROUP, f32, fold, type Program } from '../program';
import { pointwise } from './pointwise';

/** A step of AdamW: m = β₁ · m + (1 − β₁) · g; v = β₂ · v + (1 − β₂) · g²; w = kept · w − stride · m / (√v / correction + ε). */
export interface AdamWRule {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** As `moved(w, g, m, v, decays, numbers)`, which returns the next w, m and v; numbers are correction, stride, kept. */
const rule = ({ beta1, beta2, epsilon }: AdamWRule): string => `
fn moved(w: f32, g: f32, m: f32, v: f32, decays: bool, correction: f32, stride: f32, kept: f32) -> vec3f {
  let mean = fma(${f32(beta1)}, m, ${f32(1 - beta1)} * g);
  let square = fma(${f32(beta2)}, v, ${f32(1 - beta2)} * (g * g));
  let step = stride * (mean / (sqrt(square) / correction + ${f32(epsilon)}));
  return vec3f(select(w, kept * w, decays) - step, mean, square);
}`;

/** Puts the three numbers of a step into one buffer, so that an update keeps to eight. Buffers: correction, stride, kept, numbers [3]. */
export const gatherNumbers = (): Program => ({
  label: 'numbers of AdamW',
  code: `
${bindings(['correction', 'stride', 'kept', '>numbers'], 'f32')}
@compute @workgroup_size(1)
fn main() { numbers[0] = correction[0]; numbers[1] = stride[0]; numbers[2] = kept[0]; }`,
  grid: [1, 1, 1],
});

/** The update of one parameter. Buffers: w, g, m, v, numbers [3], next w, next m, next v. */
export const adamWUpdate = (size: number, decays: boolean, adamW: AdamWRule): Program =>
  pointwise({
    label: 'AdamW update',
    names: ['w', 'g', 'm', 'v', 'numbers', '>w2', '>m2', '>v2'],
    size,
    vector: false,
    helpers: rule(adamW),
    body: `let next = moved(w[i], g[i], m[i], v[i], ${decays}, numbers[0], numbers[1], numbers[2]);
  w2[i] = next.x; m2[i] = next.y; v2[i] = next.z;`,
  });

/** The update of packed parameters, in place. Buffers: w, m, v, g, whether it decays (x of a vector for each 64 values), numbers [3]. */
export const packedAdamWUpdate = (length: number, adamW: AdamWRule): Program => ({
  label: 'AdamW update of all parameters',
  code: `
${bind(0, 'w', 'f32', 'read_write')}
${bind(1, 'm', 'f32', 'read_write')}
${bind(2, 'v', 'f32', 'read_write')}
${bind(3, 'g', 'f32')}
${bind(4, 'decay', 'vec4f')}
${bind(5, 'numbers', 'f32')}
${rule(adamW)}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (${FLAT_GROUP}) * 256u + local;
  if (i >= ${length}u) { return; }
  let next = moved(w[i], g[i], m[i], v[i], decay[i / 64u].x > 0.0, numbers[0], numbers[1], numbers[2]);
  w[i] = next.x; m[i] = next.y; v[i] = next.z;
}`,
  grid: fold(Math.ceil(length / 256)),
});
