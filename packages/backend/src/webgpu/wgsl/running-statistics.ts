import { bind, FLAT_GROUP, f32, fold, type Program } from '../program';
import { pointwise } from './pointwise';

/** next = keep · running + add · batch, for the mean and for the variance. */
export interface Blend {
  readonly keep: number;
  readonly addMean: number;
  readonly addVariance: number;
}

const blend = (keep: number): string =>
  `fn blended(running: f32, batch: f32, add: f32) -> f32 { return fma(${f32(keep)}, running, add * batch); }`;

/** Running statistics of one normalization. Buffers: mean, variance, running mean, running variance, next mean, next variance. */
export const runningStatistics = (channels: number, { keep, addMean, addVariance }: Blend): Program =>
  pointwise({
    label: 'running statistics',
    names: ['mean', 'variance', 'm', 'v', '>m2', '>v2'],
    size: channels,
    vector: false,
    helpers: blend(keep),
    body: `m2[i] = blended(m[i], mean[i], ${f32(addMean)}); v2[i] = blended(v[i], variance[i], ${f32(addVariance)});`,
  });

/** Packed running statistics, in place. Buffers: running mean, running variance, mean, variance, (addMean, addVariance) for each 64 values. */
export const packedRunningStatistics = (length: number, keep: number): Program => ({
  label: 'running statistics of all normalizations',
  code: `
${bind(0, 'm', 'f32', 'read_write')}
${bind(1, 'v', 'f32', 'read_write')}
${bind(2, 'mean', 'f32')}
${bind(3, 'variance', 'f32')}
${bind(4, 'add', 'vec4f')}
${blend(keep)}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (${FLAT_GROUP}) * 256u + local;
  if (i >= ${length}u) { return; }
  m[i] = blended(m[i], mean[i], add[i / 64u].x); v[i] = blended(v[i], variance[i], add[i / 64u].y);
}`,
  grid: fold(Math.ceil(length / 256)),
});
