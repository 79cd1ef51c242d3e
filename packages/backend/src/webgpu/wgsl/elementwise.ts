import type { Program } from '../program';
import { pointwise } from './pointwise';

const vector = (size: number): boolean => size % 4 === 0;
const zero = (size: number): string => (vector(size) ? 'vec4f(0.0)' : '0.0');

/** y = max(x, 0). Buffers: x, y. */
export const relu = (size: number): Program =>
  pointwise({
    label: 'relu',
    names: ['x', '>y'],
    size,
    vector: vector(size),
    body: `y[i] = max(x[i], ${zero(size)});`,
  });

/** dx = dy where y > 0. Buffers: dy, y, dx. */
export const reluGradient = (size: number): Program =>
  pointwise({
    label: 'relu gradient',
    names: ['dy', 'y', '>dx'],
    size,
    vector: vector(size),
    body: `dx[i] = select(${zero(size)}, dy[i], y[i] > ${zero(size)});`,
  });

/** y = a + b. Buffers: a, b, y. */
export const sumOfTwo = (size: number): Program =>
  pointwise({ label: 'add', names: ['a', 'b', '>y'], size, vector: vector(size), body: 'y[i] = a[i] + b[i];' });

/** y = x, from integers (whose bits lie in a buffer of floats' size) to floats. Buffers: x, y. */
export const toFloat = (size: number): Program =>
  pointwise({
    label: 'cast',
    names: ['x', '>y'],
    size,
    vector: false,
    body: 'y[i] = f32(bitcast<i32>(x[i]));',
  });
