// Element by element. Chunk: `block` values, a multiple of four, except at the end; tensors have room for a whole vector there.

import { float, int, ptr } from './args';
import { add, ld, mul, relu, st, zero } from './vec';

// @ts-ignore: decorator
@inline function begin(chunk: i32, block: i32): usize { return <usize>chunk * <usize>block << 2; }
// @ts-ignore: decorator
@inline function end(chunk: i32, block: i32, size: i32): usize { return <usize>min((chunk + 1) * block, size) << 2; }

/** y = max(x, 0). */
export function reluForward(chunk: i32, scratch: usize): void {
  const x = ptr(0), y = ptr(1), size = int(2), block = int(3), last = end(chunk, block, size);
  for (let i = begin(chunk, block); i < last; i += 16) st(y + i, relu(ld(x + i)));
}

/** dx = y > 0 ? dy : 0. */
export function reluGrad(chunk: i32, scratch: usize): void {
  const dy = ptr(0), y = ptr(1), dx = ptr(2), size = int(3), block = int(4), last = end(chunk, block, size);
  for (let i = begin(chunk, block); i < last; i += 16) st(dx + i, v128.and(ld(dy + i), f32x4.gt(ld(y + i), zero())));
}

/** c = a + b. */
export function addTwo(chunk: i32, scratch: usize): void {
  const a = ptr(0), b = ptr(1), c = ptr(2), size = int(3), block = int(4), last = end(chunk, block, size);
  for (let i = begin(chunk, block); i < last; i += 16) st(c + i, add(ld(a + i), ld(b + i)));
}

/** c = a · b. */
export function multiplyTwo(chunk: i32, scratch: usize): void {
  const a = ptr(0), b = ptr(1), c = ptr(2), size = int(3), block = int(4), last = end(chunk, block, size);
  for (let i = begin(chunk, block); i < last; i += 16) st(c + i, mul(ld(a + i), ld(b + i)));
}

/** y = x · factor. */
export function scaleBy(chunk: i32, scratch: usize): void {
  const x = ptr(0), y = ptr(1), size = int(2), block = int(3), factor = f32x4.splat(float(4)), last = end(chunk, block, size);
  for (let i = begin(chunk, block); i < last; i += 16) st(y + i, mul(ld(x + i), factor));
}

/** One parameter's step; see the contract in `momentum-update.ts` of the backend. Chunk: one parameter. */
export function momentumUpdate(chunk: i32, scratch: usize): void {
  const rate = f32x4.splat(float(1)), momentum = f32x4.splat(float(2)), nesterov = int(3);
  // Table of {w, g, v, w', v', size, decay}.
  const row = ptr(0) + <usize>chunk * 28;
  const w = load<usize>(row), g = load<usize>(row, 4), v = load<usize>(row, 8), w2 = load<usize>(row, 12), v2 = load<usize>(row, 16);
  const last = <usize>load<i32>(row, 20) << 2, decay = f32x4.splat(load<f32>(row, 24));
  for (let i: usize = 0; i < last; i += 16) {
    const weight = ld(w + i), gradient = add(ld(g + i), mul(decay, weight)), velocity = add(mul(momentum, ld(v + i)), gradient);
    const direction = nesterov ? add(gradient, mul(momentum, velocity)) : velocity;
    st(v2 + i, velocity);
    st(w2 + i, f32x4.sub(weight, mul(rate, direction)));
  }
}
