// Element by element. Chunk: `block` values, a multiple of four, except at the end; tensors have room for a whole vector there.

import { argumentsOf } from './arguments';
import { Arithmetic, ArithmeticByRow, MomentumUpdate, Parameter, Relu, ReluGradient, Unary } from './contract';
import { Operation, Single, UnaryOperation } from '../contract/modes';
import { add, ld, mul, relu as positive, st, stPart, sub, zero } from './vec';

// @ts-ignore: decorator
@inline function begin(chunk: i32, block: i32): usize { return <usize>chunk * <usize>block << 2; }
// @ts-ignore: decorator
@inline function end(chunk: i32, block: i32, size: i32): usize { return <usize>min((chunk + 1) * block, size) << 2; }

/** y = max(x, 0). */
export function relu(chunk: i32): void {
  const job = argumentsOf<Relu>(), x = job.x, y = job.y, block = job.block, last = end(chunk, block, job.size);
  for (let i = begin(chunk, block); i < last; i += 16) st(y + i, positive(ld(x + i)));
}

/** y = f(x). */
export function unary(chunk: i32): void {
  const job = argumentsOf<Unary>(), x = job.x, y = job.y, from = begin(chunk, job.block), to = end(chunk, job.block, job.size);
  if (job.operation == UnaryOperation.Square) for (let i = from; i < to; i += 16) { const v = ld(x + i); st(y + i, mul(v, v)); }
  else for (let i = from; i < to; i += 16) st(y + i, f32x4.sqrt(ld(x + i)));
}

/** dx = y > 0 ? dy : 0. */
export function reluGradient(chunk: i32): void {
  const job = argumentsOf<ReluGradient>(), dy = job.dy, y = job.y, dx = job.dx, block = job.block, last = end(chunk, block, job.size);
  for (let i = begin(chunk, block); i < last; i += 16) st(dx + i, v128.and(ld(dy + i), f32x4.gt(ld(y + i), zero())));
}

// @ts-ignore: decorator
@inline function apply(operation: i32, a: v128, b: v128): v128 {
  if (operation == Operation.Add) return add(a, b);
  if (operation == Operation.Subtract) return sub(a, b);
  if (operation == Operation.Multiply) return mul(a, b);
  if (operation == Operation.Minimum) return f32x4.min(a, b);
  return f32x4.div(a, b);
}

// @ts-ignore: decorator
@inline function flat(operation: i32, a: usize, b: usize, y: usize, from: usize, to: usize, single: i32): void {
  if (single == Single.None) for (let i = from; i < to; i += 16) st(y + i, apply(operation, ld(a + i), ld(b + i)));
  else if (single == Single.First) for (let i = from, v = v128.load_splat<f32>(a); i < to; i += 16) st(y + i, apply(operation, v, ld(b + i)));
  else for (let i = from, v = v128.load_splat<f32>(b); i < to; i += 16) st(y + i, apply(operation, ld(a + i), v));
}

/** y = a ∘ b of equal shapes, or one of them a single value. */
export function arithmetic(chunk: i32): void {
  const job = argumentsOf<Arithmetic>(), a = job.a, b = job.b, y = job.y, operation = job.operation, single = job.single;
  const from = begin(chunk, job.block), to = end(chunk, job.block, job.size);
  if (operation == Operation.Add) flat(Operation.Add, a, b, y, from, to, single);
  else if (operation == Operation.Subtract) flat(Operation.Subtract, a, b, y, from, to, single);
  else if (operation == Operation.Multiply) flat(Operation.Multiply, a, b, y, from, to, single);
  else if (operation == Operation.Minimum) flat(Operation.Minimum, a, b, y, from, to, single);
  else flat(Operation.Divide, a, b, y, from, to, single);
}

/** y [outer][middle][inner] = a ∘ b, one of them [outer][1][inner]. Chunk: a block of outer · middle. */
export function arithmeticByRow(chunk: i32): void {
  const job = argumentsOf<ArithmeticByRow>(), a = job.a, b = job.b, y = job.y, rows = job.rows, block = job.block;
  const operation = job.operation, single = job.single, middle = job.middle, inner = job.inner;
  const bytes = <usize>inner << 2, last = min(rows, (chunk + 1) * block);
  for (let row = chunk * block; row < last; row++) {
    const whole = <usize>row * bytes, part = <usize>(row / middle) * bytes;
    const p = a + (single == Single.First ? part : whole), q = b + (single == Single.Second ? part : whole), to = y + whole;
    for (let i = 0; i < inner; i += 4) {
      const at = <usize>i << 2, u = ld(p + at), v = ld(q + at);
      stPart(to + at, apply(operation, u, v), inner - i);
    }
  }
}

/** One parameter's step; see the contract in `momentum-update.ts` of the backend. Chunk: one parameter. */
export function momentumUpdate(chunk: i32): void {
  const job = argumentsOf<MomentumUpdate>(), rate = v128.load_splat<f32>(job.rate), momentum = f32x4.splat(job.momentum), nesterov = job.nesterov;
  const row = changetype<Parameter>(job.table + <usize>chunk * offsetof<Parameter>());
  const w = row.weight, g = row.gradient, v = row.velocity, w2 = row.nextWeight, v2 = row.nextVelocity;
  const last = <usize>row.size << 2, decay = f32x4.splat(row.decay);
  for (let i: usize = 0; i < last; i += 16) {
    const weight = ld(w + i), gradient = add(ld(g + i), mul(decay, weight)), velocity = add(mul(momentum, ld(v + i)), gradient);
    const direction = nesterov ? add(gradient, mul(momentum, velocity)) : velocity;
    st(v2 + i, velocity);
    st(w2 + i, sub(weight, mul(rate, direction)));
  }
}
