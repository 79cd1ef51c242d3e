/// <reference types="@webgpu/types" />
import type { Pipeline } from './pipelines';
import type { Grid, Program } from './program';

/** What the device is to do next. */
export type Command = Dispatch | Copy | Foreign;

/** Runs a shader. */
export interface Dispatch {
  readonly kind: 'dispatch';
  readonly label: string;
  readonly pipeline: Pipeline;
  readonly bindings: readonly GPUBindingResource[];
  readonly grid: Grid;
  /** Set where a recording may run it as one with others. */
  readonly member?: Member;
}

/** A dispatch that updates one tensor of many in the same way. */
export interface Member {
  readonly family: Family;
  /** At most four numbers of its own. */
  readonly constants: readonly number[];
}

/** Dispatches that a recording may replace by one, on tensors that lie packed in a buffer for each role. */
export interface Family {
  /** The same for all that can be merged. */
  readonly key: string;
  /** Bindings of a value and of what replaces it; computed in place when merged. */
  readonly updates: readonly (readonly [from: number, to: number])[];
  /** Bindings of values that are only read, one for each member. */
  readonly reads: readonly number[];
  /** Bindings of what all members read. */
  readonly shared: readonly number[];
  /**
   * The kernel for `length` packed floats, 64 for each vector of constants.
   * Buffers: a pack for each update, for each read, the constants (vec4f), what is shared.
   */
  readonly packed: (length: number) => Program;
}

/** Copies within device memory. */
export interface Copy {
  readonly kind: 'copy';
  readonly from: GPUBuffer;
  readonly fromOffset: number;
  readonly to: GPUBuffer;
  readonly toOffset: number;
  readonly bytes: number;
}

/** Something else that tfjs encodes, outside a pass: textures, queries. */
export interface Foreign {
  readonly kind: 'foreign';
  readonly encode: (encoder: GPUCommandEncoder) => void;
}

/** Timestamps around dispatches. */
export interface Timer {
  /** Where the next pass writes its times; `undefined` when it is full. */
  next(label: string): GPUComputePassTimestampWrites | undefined;
}

/** Encodes commands in order, dispatches in as few passes as possible, or one in each while they are timed. */
export function encode(
  device: GPUDevice,
  commands: readonly Command[],
  groupOf: GroupOf,
  timer?: Timer,
): GPUCommandBuffer {
  const encoder = device.createCommandEncoder();
  let pass: GPUComputePassEncoder | undefined;
  let last: GPUComputePipeline | undefined;
  const end = () => {
    pass?.end();
    pass = undefined;
    last = undefined;
  };
  for (const command of commands) {
    if (command.kind !== 'dispatch') {
      end();
      if (command.kind === 'foreign') command.encode(encoder);
      else encoder.copyBufferToBuffer(command.from, command.fromOffset, command.to, command.toOffset, command.bytes);
      continue;
    }
    if (timer) end();
    pass ??= encoder.beginComputePass({ timestampWrites: timer?.next(command.label) });
    const { gpu } = command.pipeline;
    if (gpu !== last) pass.setPipeline(gpu);
    last = gpu;
    pass.setBindGroup(0, groupOf(command));
    // Each argument that Dawn's binding for Node converts takes time, here once for every dispatch of a replay.
    const [x, y, z] = command.grid;
    if (y === 1 && z === 1) pass.dispatchWorkgroups(x);
    else pass.dispatchWorkgroups(x, y, z);
  }
  end();
  return encoder.finish();
}

/** The bind group of a dispatch. */
export type GroupOf = (dispatch: Dispatch) => GPUBindGroup;

/** Makes bind groups, one for each dispatch, so that a command that is replayed keeps its own. */
export function bindGroups(create: GPUDevice['createBindGroup']): GroupOf {
  const groups = new WeakMap<Dispatch, GPUBindGroup>();
  return (dispatch) => {
    const known = groups.get(dispatch);
    if (known) return known;
    const group = create({
      label: dispatch.label,
      layout: dispatch.pipeline.layout,
      entries: dispatch.bindings.map((resource, binding) => ({ binding, resource })),
    });
    groups.set(dispatch, group);
    return group;
  };
}
