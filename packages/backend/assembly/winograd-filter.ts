// Filters into the transformed domain and gradients of filters back.

import { argumentsOf } from './arguments';
import { WinogradFilterGradientFinish, WinogradFilterTransform } from './contract';
import { add, ld, st, stPart, zero } from './vec';
import { filterGradientTransform, filterTransform, filterPlane } from './winograd';

/** Nine taps, a vector of four output channels each, in the transformed domain: 36 vectors, `gap` apart. Takes 18 vectors of `half`. */
function transform(taps: usize, half: usize, to: usize, gap: usize): void {
  for (let s: usize = 0; s < 3; s++) filterTransform(ld(taps + s * 16), ld(taps + s * 16 + 48), ld(taps + s * 16 + 96), half + s * 16, 48);
  for (let i: usize = 0; i < 6; i++) filterTransform(ld(half + i * 48), ld(half + i * 48 + 16), ld(half + i * 48 + 32), to + i * 6 * gap, gap);
}

/** U = G·w·Gᵀ. Chunk: eight output channels. U is [36][K/8][C][8] with C rounded up to 4. */
export function winogradFilterTransform(chunk: i32, scratch: usize): void {
  const job = argumentsOf<WinogradFilterTransform>(), inputs = job.inputs, outputs = job.outputs;
  const depth = (inputs + 3) & ~3, gap = filterPlane(depth, (outputs + 7) & ~7), to = job.transformed + <usize>(chunk * depth) * 32;
  if (inputs & 3 || outputs & 7) transformAny(job, chunk, to, gap, scratch);
  else if (job.flipped) transformFlipped(job, chunk, to, gap, scratch);
  else transformWhole(job, chunk, to, gap, scratch);
}

/** Output channels lie side by side. */
function transformWhole(job: WinogradFilterTransform, chunk: i32, to: usize, gap: usize, scratch: usize): void {
  const plane = <usize>(job.inputs * job.outputs) << 2, row = <usize>job.outputs << 2;
  let from = job.filter + (<usize>chunk << 5);
  for (let c = 0; c < job.inputs; c++) {
    for (let half: usize = 0; half < 32; half += 16) {
      for (let tap: usize = 0; tap < 9; tap++) st(scratch + (tap << 4), ld(from + half + tap * plane));
      transform(scratch, scratch + 144, to, gap);
      to += 16;
    }
    from += row;
  }
}

/**
 * For an input gradient: the filter is turned by half a turn and its channels change roles, so that input channels lie side by side. Four of them are read
 * at once for each of four output channels, and turned.
 */
function transformFlipped(job: WinogradFilterTransform, chunk: i32, to: usize, gap: usize, scratch: usize): void {
  const inputs = job.inputs, plane = <usize>(inputs * job.outputs) << 2, row = <usize>inputs << 2, end = scratch + 4 * 144;
  for (let c = 0; c < inputs; c += 4) {
    for (let half: usize = 0; half < 2; half++) {
      let p = job.filter + (<usize>chunk * 8 + half * 4) * row + (<usize>c << 2) + 8 * plane;
      for (let taps = scratch; taps < scratch + 144; taps += 16) {
        const a = ld(p), b = ld(p + row), d = ld(p + 2 * row), e = ld(p + 3 * row);
        const low = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
        const low2 = v128.shuffle<f32>(d, e, 0, 4, 1, 5), high2 = v128.shuffle<f32>(d, e, 2, 6, 3, 7);
        st(taps, v128.shuffle<f32>(low, low2, 0, 1, 4, 5));
        st(taps + 144, v128.shuffle<f32>(low, low2, 2, 3, 6, 7));
        st(taps + 288, v128.shuffle<f32>(high, high2, 0, 1, 4, 5));
        st(taps + 432, v128.shuffle<f32>(high, high2, 2, 3, 6, 7));
        p -= plane;
      }
      let target = to + <usize>c * 32 + half * 16;
      for (let taps = scratch; taps < end; taps += 144) {
        transform(taps, end, target, gap);
        target += 32;
      }
    }
  }
}

/** Channels of any number, one by one. */
function transformAny(job: WinogradFilterTransform, chunk: i32, to: usize, gap: usize, scratch: usize): void {
  const inputs = job.inputs, outputs = job.outputs, flipped = job.flipped, plane = inputs * outputs, depth = (inputs + 3) & ~3;
  const strideIn = flipped ? 1 : outputs, strideOut = flipped ? inputs : 1;
  for (let c = 0; c < depth; c++) {
    for (let k = chunk * 8; k < chunk * 8 + 8; k += 4) {
      for (let tap = 0; tap < 9; tap++) {
        const at = (flipped ? 8 - tap : tap) * plane + c * strideIn + k * strideOut;
        for (let lane = 0; lane < 4; lane++) {
          const inside = c < inputs && k + lane < outputs;
          store<f32>(scratch + (<usize>tap << 4) + (<usize>lane << 2), inside ? load<f32>(job.filter + (<usize>(at + lane * strideOut) << 2)) : 0);
        }
      }
      transform(scratch, scratch + 144, to, gap);
      to += 16;
    }
  }
}

/** dw = Gᵀ·dU·G, dU being the sum of the partial results of all chunks of `winogradFilterGradient`. Chunk: four input channels. */
export function winogradFilterGradientFinish(chunk: i32, scratch: usize): void {
  const job = argumentsOf<WinogradFilterGradientFinish>(), partials = job.partials, dw = job.gradient, count = job.count;
  const inputs = job.inputs, outputs = job.outputs;
  const panels = (outputs + 7) >> 3, gap = filterPlane((inputs + 3) & ~3, panels << 3), partial = 36 * gap;
  const sums = scratch, half = scratch + 8 * 576, taps = half + 288;
  for (let panel = 0; panel < panels; panel++) {
    sumPartials(partials + <usize>(chunk * panels + panel) * 128, gap, partial, count, sums);
    for (let j = 0; j < 8; j++) {
      const c = chunk * 4 + (j >> 1), k = panel * 8 + (j & 1) * 4, own = sums + <usize>j * 16;
      if (c >= inputs || k >= outputs) continue;
      for (let s: usize = 0; s < 6; s++) filterGradientTransform(own + s * 128, 768, half + s * 16, 96);
      for (let r: usize = 0; r < 3; r++) filterGradientTransform(half + r * 96, 16, taps + r * 48, 16);
      for (let tap = 0; tap < 9; tap++) {
        stPart(dw + (<usize>((tap * inputs + c) * outputs + k) << 2), ld(taps + (<usize>tap << 4)), outputs - k);
      }
    }
  }
}

/** Sums of 36 planes over the partial results, 128 bytes of each, which lie side by side: [36][8] vectors. */
function sumPartials(from: usize, gap: usize, partial: usize, count: i32, to: usize): void {
  for (let i = 0; i < 36; i++) {
    let a = zero(), b = zero(), c = zero(), d = zero(), e = zero(), f = zero(), g = zero(), h = zero(), p = from;
    for (let left = count; left > 0; left--) {
      a = add(a, ld(p)); b = add(b, v128.load(p, 16)); c = add(c, v128.load(p, 32)); d = add(d, v128.load(p, 48));
      e = add(e, v128.load(p, 64)); f = add(f, v128.load(p, 80)); g = add(g, v128.load(p, 96)); h = add(h, v128.load(p, 112));
      p += partial;
    }
    st(to, a); v128.store(to, b, 16); v128.store(to, c, 32); v128.store(to, d, 48);
    v128.store(to, e, 64); v128.store(to, f, 80); v128.store(to, g, 96); v128.store(to, h, 112);
    from += gap; to += 128;
  }
}
