/// <reference types="@webgpu/types" />

/** A compute shader with its shape compiled in, and how many workgroups run it: `[x, y, z]`. */
export interface Program {
  /** What it does, as profiles and errors call it: `convolution 16→32`. */
  readonly label: string;
  /** WGSL whose entry point is `main`. Buffers are bound to group 0 in the order of its bindings. */
  readonly code: string;
  readonly grid: Grid;
}

/** Workgroups along the three axes. */
export type Grid = readonly [x: number, y: number, z: number];

/** WebGPU's default limit of workgroups along an axis. */
const MAX_ALONG_AXIS = 65_535;

/**
 * A grid of at least `count` workgroups in a row, folded where one axis is too short. `FLAT_GROUP` is the index in it.
 *
 * @throws {RangeError} above 65,535² workgroups.
 */
export function fold(count: number): Grid {
  if (count <= MAX_ALONG_AXIS) return [Math.max(1, count), 1, 1];
  const y = Math.ceil(count / MAX_ALONG_AXIS);
  if (y > MAX_ALONG_AXIS) throw new RangeError(`fold: a grid must have at most 65,535² workgroups, got ${count}.`);
  return [Math.ceil(count / y), y, 1];
}

/** WGSL for the index of a workgroup in a folded row; needs `group: workgroup_id` and `groups: num_workgroups`. */
export const FLAT_GROUP = 'group.x + group.y * groups.x';

/** How a kernel uses a buffer. */
export type Access = 'read' | 'read_write';

/** Declares a buffer of numbers, or of vectors of four. */
export const bind = (index: number, name: string, type: string, access: Access = 'read'): string =>
  `@group(0) @binding(${index}) var<storage, ${access}> ${name}: array<${type}>;`;

/** Declares buffers in order; a name that starts with `>` is written. */
export const bindings = (names: readonly string[], type: string): string =>
  names
    .map((name, i) => (name.startsWith('>') ? bind(i, name.slice(1), type, 'read_write') : bind(i, name, type)))
    .join('\n');

/** A number as WGSL writes an `f32`. */
export function f32(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw new RangeError(`f32: a constant must be finite, got ${value}.`);
  return Number.isInteger(rounded) && Math.abs(rounded) < 1e9 ? `${rounded}.0` : `f32(${rounded})`;
}
