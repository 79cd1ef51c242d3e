// Filters into the transformed domain and gradients of filters back.

import { argumentsOf } from './arguments';
import { WinogradFilterGradientFinish, WinogradFilterTransform } from './contract';
import { add, ld, st, stPart, zero } from './vec';
import { filterGradientTransform, filterTransform, filterPlane } from './winograd';

/** U = G·w·Gᵀ. Chunk: eight output channels. U is [36][K/8][C][8] with C rounded up to 4. */
export function winogradFilterTransform(chunk: i32, scratch: usize): void {
  const job = argumentsOf<WinogradFilterTransform>(), w = job.filter, u = job.transformed, inputs = job.inputs, outputs = job.outputs, flipped = job.flipped;
  // In the input gradient the filter is turned by half a turn and its channels change roles.
  const strideIn = flipped ? 1 : outputs, strideOut = flipped ? inputs : 1;
  const depth = (inputs + 3) & ~3, plane = inputs * outputs;
  const gap = filterPlane(depth, (outputs + 7) & ~7), taps = scratch, half = scratch + 144;
  let to = u + <usize>(chunk * depth) * 32;
  for (let c = 0; c < depth; c++) {
    for (let k = chunk * 8; k < chunk * 8 + 8; k += 4) {
      for (let tap = 0; tap < 9; tap++) {
        const at = (flipped ? 8 - tap : tap) * plane + c * strideIn + k * strideOut;
        for (let lane = 0; lane < 4; lane++) {
          const inside = c < inputs && k + lane < outputs;
          store<f32>(taps + (<usize>tap << 4) + (<usize>lane << 2), inside ? load<f32>(w + (<usize>(at + lane * strideOut) << 2)) : 0);
        }
      }
      for (let s: usize = 0; s < 3; s++) filterTransform(ld(taps + s * 16), ld(taps + s * 16 + 48), ld(taps + s * 16 + 96), half + s * 16, 48);
      for (let i: usize = 0; i < 6; i++) filterTransform(ld(half + i * 48), ld(half + i * 48 + 16), ld(half + i * 48 + 32), to + i * 6 * gap, gap);
      to += 16;
    }
  }
}

/** dw = Gᵀ·dU·G, dU being the sum of the partial results of all chunks of `winogradFilterGradient`. Chunk: four input channels. */
export function winogradFilterGradientFinish(chunk: i32, scratch: usize): void {
  const job = argumentsOf<WinogradFilterGradientFinish>(), partials = job.partials, dw = job.gradient, count = job.count;
  const inputs = job.inputs, outputs = job.outputs;
  const panels = (outputs + 7) >> 3, depth = (inputs + 3) & ~3;
  const gap = filterPlane(depth, panels << 3), partial = 36 * gap, sums = scratch, half = scratch + 576, taps = half + 288;
  for (let panel = 0; panel < panels; panel++) {
    for (let j = 0; j < 8; j++) {
      const c = chunk * 4 + (j >> 1), k = panel * 8 + (j & 1) * 4;
      if (c >= inputs || k >= outputs) continue;
      const from = partials + <usize>(chunk * panels + panel) * 128 + <usize>j * 16;
      for (let i: usize = 0; i < 36; i++) {
        let sum = zero();
        for (let p = 0; p < count; p++) sum = add(sum, ld(from + i * gap + <usize>p * partial));
        st(sums + i * 16, sum);
      }
      for (let s: usize = 0; s < 6; s++) filterGradientTransform(sums + s * 16, 96, half + s * 16, 96);
      for (let r: usize = 0; r < 3; r++) filterGradientTransform(half + r * 96, 16, taps + r * 48, 16);
      for (let tap = 0; tap < 9; tap++) {
        stPart(dw + (<usize>((tap * inputs + c) * outputs + k) << 2), ld(taps + (<usize>tap << 4)), outputs - k);
      }
    }
  }
}
