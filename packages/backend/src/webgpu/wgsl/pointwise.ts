import { bindings, FLAT_GROUP, fold, type Program } from '../program';

const THREADS = 256;

/** A kernel that does the same for every element. */
export interface Pointwise {
  readonly label: string;
  /** Buffers in order; a name that starts with `>` is written. */
  readonly names: readonly string[];
  /** Numbers to go through. */
  readonly size: number;
  /** Whether `i` counts vectors of four; the size must be a multiple of 4. */
  readonly vector: boolean;
  /** Statements for element `i`. */
  readonly body: string;
  /** Declarations before `main`. */
  readonly helpers?: string;
}

/** An invocation for each element, or each vector of four. */
export function pointwise({ label, names, size, vector, body, helpers = '' }: Pointwise): Program {
  const count = vector ? size / 4 : size;
  const code = `
${bindings(names, vector ? 'vec4f' : 'f32')}
${helpers}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (${FLAT_GROUP}) * ${THREADS}u + local;
  if (i >= ${count}u) { return; }
  ${body}
}`;
  return { label, code, grid: fold(Math.ceil(count / THREADS)) };
}
