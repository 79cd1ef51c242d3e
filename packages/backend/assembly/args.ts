import { ARGUMENTS } from './layout';

// @ts-ignore: decorator
@inline export function int(i: i32): i32 { return load<i32>(ARGUMENTS + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline export function ptr(i: i32): usize { return load<usize>(ARGUMENTS + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline export function float(i: i32): f32 { return load<f32>(ARGUMENTS + (<usize>i << 2)); }
