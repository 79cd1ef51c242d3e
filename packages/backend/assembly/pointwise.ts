// Element by element. Chunk: `block` values, a multiple of four, except at the end; tensors have room for a whole vector there.

import { float, int, ptr } from './args';
import { add, ld, mul, relu, st, stPart, zero } from './vec';

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

// Arithmetic of two tensors.
// @ts-ignore: decorator
@inline const ADD = 0;
// @ts-ignore: decorator
@inline const SUBTRACT = 1;
// @ts-ignore: decorator
@inline const MULTIPLY = 2;

// @ts-ignore: decorator
@inline function apply(operation: i32, a: v128, b: v128): v128 {
  if (operation == ADD) return add(a, b);
  if (operation == SUBTRACT) return f32x4.sub(a, b);
  if (operation == MULTIPLY) return mul(a, b);
  return f32x4.div(a, b);
}

// @ts-ignore: decorator
@inline function flat(operation: i32, a: usize, b: usize, y: usize, from: usize, to: usize, single: i32): void {
  if (single == 0) for (let i = from; i < to; i += 16) st(y + i, apply(operation, ld(a + i), ld(b + i)));
  else if (single == 1) for (let i = from, v = v128.load_splat<f32>(a); i < to; i += 16) st(y + i, apply(operation, v, ld(b + i)));
  else for (let i = from, v = v128.load_splat<f32>(b); i < to; i += 16) st(y + i, apply(operation, ld(a + i), v));
}

/** y = a ∘ b of equal shapes, or one of them (`single`: 1 a, 2 b) a single value. */
export function arithmetic(chunk: i32, scratch: usize): void {
  const a = ptr(0), b = ptr(1), y = ptr(2), size = int(3), block = int(4), operation = int(5), single = int(6);
  const from = begin(chunk, block), to = end(chunk, block, size);
  if (operation == ADD) flat(ADD, a, b, y, from, to, single);
  else if (operation == SUBTRACT) flat(SUBTRACT, a, b, y, from, to, single);
  else if (operation == MULTIPLY) flat(MULTIPLY, a, b, y, from, to, single);
  else flat(3, a, b, y, from, to, single);
}

/** y [outer][middle][inner] = a ∘ b, one of them (`broadcast`: 1 a, 2 b) [outer][1][inner]. Chunk: a block of outer · middle. */
export function arithmeticByRow(chunk: i32, scratch: usize): void {
  const a = ptr(0), b = ptr(1), y = ptr(2), rows = int(3), block = int(4), operation = int(5), broadcast = int(6), middle = int(7), inner = int(8);
  const bytes = <usize>inner << 2, last = min(rows, (chunk + 1) * block);
  for (let row = chunk * block; row < last; row++) {
    const whole = <usize>row * bytes, part = <usize>(row / middle) * bytes;
    const p = a + (broadcast == 1 ? part : whole), q = b + (broadcast == 2 ? part : whole), to = y + whole;
    for (let i = 0; i < inner; i += 4) {
      const at = <usize>i << 2, u = ld(p + at), v = ld(q + at);
      const value = operation == ADD ? add(u, v) : operation == SUBTRACT ? f32x4.sub(u, v) : operation == MULTIPLY ? mul(u, v) : f32x4.div(u, v);
      stPart(to + at, value, inner - i);
    }
  }
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
