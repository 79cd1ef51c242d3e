import { bind, FLAT_GROUP, f32, fold, type Program } from '../program';
import { pointwise } from './pointwise';

/** A step of SGD: g += decay · w; v = momentum · v + g; w −= rate · (nesterov ? g + momentum · v : v). */
export interface MomentumRule {
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** As `moved(w, g, v, decay, rate)`, which returns the next w and v. */
const rule = ({ momentum, nesterov }: MomentumRule): string => `
fn moved(w: f32, g: f32, v: f32, decay: f32, rate: f32) -> vec2f {
  let d = fma(decay, w, g);
  let n = fma(${f32(momentum)}, v, d);
  return vec2f(fma(-rate, ${nesterov ? `fma(${f32(momentum)}, n, d)` : 'n'}, w), n);
}`;

/** The update of one parameter. Buffers: w, g, v, rate [1], next w, next v. */
export const momentumUpdate = (size: number, decay: number, momentum: MomentumRule): Program =>
  pointwise({
    label: 'momentum update',
    names: ['w', 'g', 'v', 'rate', '>w2', '>v2'],
    size,
    vector: false,
    helpers: rule(momentum),
    body: `let next = moved(w[i], g[i], v[i], ${f32(decay)}, rate[0]); w2[i] = next.x; v2[i] = next.y;`,
  });

/** The update of packed parameters, in place. Buffers: w, v, g, decay (x of a vector for each 64 values), rate [1]. */
export const packedMomentumUpdate = (length: number, momentum: MomentumRule): Program => ({
  label: 'momentum update of all parameters',
  code: `
${bind(0, 'w', 'f32', 'read_write')}
${bind(1, 'v', 'f32', 'read_write')}
${bind(2, 'g', 'f32')}
${bind(3, 'decay', 'vec4f')}
${bind(4, 'rate', 'f32')}
${rule(momentum)}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (${FLAT_GROUP}) * 256u + local;
  if (i >= ${length}u) { return; }
  let next = moved(w[i], g[i], v[i], decay[i / 64u].x, rate[0]);
  w[i] = next.x; v[i] = next.y;
}`,
  grid: fold(Math.ceil(length / 256)),
});
