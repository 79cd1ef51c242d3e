/// <reference types="@webgpu/types" />
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Block } from '../block';
import type { BufferRecorder } from '../buffers';
import type { Command, Dispatch } from '../commands';
import type { WebGpuBackend } from '../webgpu-backend';
import type { RecordableStep } from './step';

/** A stretch of a buffer that commands use: where a value of the step lies. */
export interface Value {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
  /** The first and the last command that use it. */
  first: number;
  last: number;
}

/** What a step did, before anything is decided about where its values lie when it is replayed. */
export interface Capture {
  readonly commands: readonly Dispatch[];
  /** Values by binding of each command; `undefined` for constants. */
  readonly operands: readonly (readonly (Value | undefined)[])[];
  readonly inputs: readonly (Value | undefined)[];
  readonly before: readonly Value[];
  readonly after: readonly Value[];
  readonly output: Value;
  readonly trace: readonly string[];
  /** Gives back the buffers of constants. */
  dispose(): void;
}

/** Runs a step and notes its commands, or why they cannot be replayed. */
export function capture(
  backend: WebGpuBackend,
  step: RecordableStep,
): { output: TensorInfo; capture: Capture } | { output: TensorInfo; reason: string } {
  const held = [...step.inputs, ...step.state()].map((tensor) => backend.block(tensor).retain());
  const inputs = held.slice(0, step.inputs.length);
  const before = held.slice(step.inputs.length);
  const commands: Command[] = [];
  const kept = new Set<GPUBuffer>();
  const recorder: BufferRecorder = {
    acquired: (buffer) => kept.add(buffer),
    keeps: (buffer) => kept.has(buffer),
  };
  const constants = new Map<GPUBuffer, string>();
  const pinned: Block[] = [];
  const unpin = () => {
    for (const block of pinned.splice(0)) block.release();
  };
  const reasons: string[] = [];
  const finish = () => {
    backend.commands.record();
    backend.buffers.recorder = undefined;
    backend.recording = undefined;
    for (const block of held) block.release();
  };
  backend.commands.record(commands);
  backend.buffers.recorder = recorder;
  backend.recording = {
    constant: (block, values) => {
      constants.set(block.buffer, hash(values));
      pinned.push(block);
    },
    refuse: (reason) => reasons.push(reason),
  };
  try {
    const output = step.run();
    const result = backend.block(output);
    const after = step.state().map((tensor) => backend.block(tensor));
    const made = build(commands, constants, { inputs, before, after, output: result }, reasons);
    finish();
    const free = [...kept].filter((buffer) => !constants.has(buffer));
    for (const buffer of free) backend.buffers.giveBack(buffer);
    if (typeof made === 'string') {
      unpin();
      return { output, reason: made };
    }
    return { output, capture: { ...made, dispose: unpin } };
  } catch (error) {
    finish();
    unpin();
    for (const buffer of kept) backend.buffers.giveBack(buffer);
    throw error;
  }
}

interface Ends {
  readonly inputs: readonly Block[];
  readonly before: readonly Block[];
  readonly after: readonly Block[];
  readonly output: Block;
}

function build(
  commands: readonly Command[],
  constants: ReadonlyMap<GPUBuffer, string>,
  ends: Ends,
  reasons: readonly string[],
): Omit<Capture, 'dispose'> | string {
  const [reason] = reasons;
  if (reason) return reason;
  const dispatches = commands.filter((command) => command.kind === 'dispatch');
  const other = commands.find((command) => command.kind !== 'dispatch');
  if (other) return `a ${other.kind === 'copy' ? 'copy' : 'texture'} is not a kernel`;
  const values = new Map<GPUBuffer, Map<number, Value>>();
  const at = (binding: GPUBufferBinding): Value => {
    const { buffer, offset = 0, size = buffer.size - offset } = binding;
    const places = values.get(buffer) ?? new Map<number, Value>();
    values.set(buffer, places);
    const value = places.get(offset) ?? { buffer, offset, bytes: size, first: Number.POSITIVE_INFINITY, last: -1 };
    places.set(offset, value);
    return value;
  };
  const operands = dispatches.map(({ bindings }, i) =>
    bindings.map((binding) => {
      const bound = binding as GPUBufferBinding;
      if (constants.has(bound.buffer)) return undefined;
      const value = at(bound);
      value.first = Math.min(value.first, i);
      value.last = Math.max(value.last, i);
      return value;
    }),
  );
  const find = ({ buffer, offset }: Block): Value | undefined => values.get(buffer)?.get(offset);
  const result = {
    commands: dispatches,
    operands,
    inputs: ends.inputs.map(find),
    before: ends.before.map(({ binding }) => at(binding)),
    after: ends.after.map(({ binding }) => at(binding)),
    output: at(ends.output.binding),
  };
  const unmoved = new Set(result.before);
  const foreign = result.after.some((value, i) => value !== result.before[i] && (value.last < 0 || unmoved.has(value)));
  if (foreign || result.output.last < 0) return 'a tensor that outlives the step is not computed by it';
  return { ...result, trace: traceOf(result, constants) };
}

/** A line for each command: what it does on which values, numbered as they appear. */
function traceOf(
  { commands, operands, inputs, before, after, output }: Omit<Capture, 'dispose' | 'trace'>,
  constants: ReadonlyMap<GPUBuffer, string>,
): string[] {
  const names = new Map<Value, string>();
  for (const [i, value] of inputs.entries()) if (value) names.set(value, `input${i}`);
  for (const [i, value] of before.entries()) names.set(value, `state${i}`);
  const name = (value: Value) => {
    const known = names.get(value) ?? `%${names.size}`;
    names.set(value, known);
    return known;
  };
  const lines = commands.map(({ label, pipeline, grid, bindings }, i) => {
    const bound = operands[i]!.map((value, j) =>
      value ? name(value) : `constant ${constants.get((bindings[j] as GPUBufferBinding).buffer)}`,
    );
    return `${label} #${pipeline.id} [${grid}] ${bound.join(' ')}`;
  });
  return [...lines, `state ${after.map(name).join(' ')}`, `output ${name(output)}`];
}

/** FNV-1a of the bytes of values. */
function hash(values: ArrayBufferView | ArrayBuffer): string {
  const bytes = ArrayBuffer.isView(values)
    ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    : new Uint8Array(values);
  let state = 0x811c9dc5;
  for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193);
  return (state >>> 0).toString(16);
}
