/// <reference types="@webgpu/types" />
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Block } from '../block';
import type { Command, Copy, Dispatch } from '../commands';
import type { WebGpuBackend } from '../webgpu-backend';
import type { Capture, Value } from './capture';
import { ALIGNMENT, type Merged, mergeMembers } from './merge';
import { placeValues } from './place';
import type { RecordableStep, StepRecording } from './step';

/** A step, ready to be replayed. */
export interface Plan {
  readonly commands: readonly Command[];
  /** Where each input is written; `undefined` if no command reads it. */
  readonly inputs: readonly (GPUBufferBinding | undefined)[];
  /** Where each tensor of the state lies between replays. */
  readonly homes: readonly Block[];
  readonly output: GPUBufferBinding;
  dispose(): void;
}

const USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** Decides where all values of a step lie, and what runs. */
export function planReplay(backend: WebGpuBackend, step: Capture): Plan {
  const owned: GPUBuffer[] = [];
  const take = (bytes: number): GPUBuffer => {
    const buffer = backend.buffers.acquireBuffer(Math.max(4, bytes), USAGE());
    owned.push(buffer);
    return buffer;
  };
  const merged = mergeMembers(step);
  const places = new Map<Value, GPUBufferBinding>();
  const homes: Block[] = [];
  const packs = merged.map((group) => packOf(backend, group, homes, places, take));
  for (const [i, value] of step.after.entries()) homes[i] ??= ownBlock(backend, value.bytes);
  for (const [i, value] of step.before.entries()) places.set(value, homes[i]!.binding);
  for (const { states } of merged.flatMap(({ members }) => members)) {
    for (const i of states) places.set(step.after[i]!, homes[i]!.binding);
  }
  const replaced = new Map(merged.flatMap(({ commands }) => commands.map((i) => [i, undefined] as const)));
  const late = new Map(merged.map((group, i) => [group.at, packs[i]!]));
  // A new value may lie where the old one did if the old one is not used any more.
  const copies: { from: Value; home: number }[] = [];
  step.after.forEach((value, i) => {
    const old = step.before[i]!;
    if (value === old || places.has(value)) return;
    if (old.last < value.first) places.set(value, homes[i]!.binding);
    else copies.push({ from: value, home: i });
  });
  const extended = extendForMerged(merged);
  const outlives = new Set([step.output, ...copies.map(({ from }) => from)]);
  const temporary = new Set(
    [...step.operands.flat(), ...step.inputs].filter((value) => value && !places.has(value)) as Value[],
  );
  temporary.add(step.output);
  const spans = [...temporary].map((value) => ({
    ...value,
    of: value,
    first: step.inputs.includes(value) ? -1 : value.first,
    last:
      outlives.has(value) || step.inputs.includes(value)
        ? Number.POSITIVE_INFINITY
        : (extended.get(value) ?? value.last),
  }));
  for (const [{ of: value }, buffer] of placeValues(spans, { take })) {
    places.set(value, { buffer, offset: 0, size: value.bytes });
  }
  const commands = step.commands.flatMap((command, i): Command[] => {
    if (late.has(i)) return [late.get(i)!()];
    if (replaced.has(i)) return [];
    return [rebound(command, step.operands[i]!, places)];
  });
  const tail = copies.map(({ from, home }) => copyTo(places.get(from)!, homes[home]!));
  return {
    commands: [...commands, ...tail],
    inputs: step.inputs.map((value) => value && places.get(value)),
    homes,
    output: places.get(step.output)!,
    dispose: () => {
      for (const buffer of owned) backend.buffers.releaseBuffer(buffer);
      for (const home of homes) home.release();
    },
  };
}

/** A buffer of its own for a tensor of the state. */
function ownBlock(backend: WebGpuBackend, bytes: number): Block {
  const buffer = backend.buffers.acquireBuffer(bytes, USAGE());
  return new Block(buffer, 0, bytes, () => backend.buffers.releaseBuffer(buffer));
}

/** Values that merged members read stay until the merged dispatch. */
function extendForMerged(merged: readonly Merged[]): Map<Value, number> {
  const extended = new Map<Value, number>();
  for (const { at, shared } of merged)
    for (const one of shared) if ('value' in one) extended.set(one.value, Math.max(at, one.value.last));
  return extended;
}

/** Packs state and read values of a merged group; gives the dispatch once all places are known. */
function packOf(
  backend: WebGpuBackend,
  group: Merged,
  homes: Block[],
  places: Map<Value, GPUBufferBinding>,
  take: (bytes: number) => GPUBuffer,
): () => Dispatch {
  const { family, members, bytes } = group;
  const updated = family.updates.map((_, role) => {
    const buffer = backend.buffers.acquireBuffer(bytes, USAGE());
    let users = members.length;
    const free = () => {
      if (--users === 0) backend.buffers.releaseBuffer(buffer);
    };
    members.forEach(({ offset, bytes: size, states }) => {
      homes[states[role]!] = new Block(buffer, offset, size, free);
    });
    return buffer;
  });
  const read = family.reads.map((_, role) => {
    const buffer = take(bytes);
    for (const { offset, bytes: size, reads } of members) places.set(reads[role]!, { buffer, offset, size });
    return buffer;
  });
  const constants = take((bytes / ALIGNMENT) * 16);
  const table = new Float32Array((bytes / ALIGNMENT) * 4);
  members.forEach(({ offset, bytes: size, constants: own }) => {
    const end = offset + Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    for (let at = offset; at < end; at += ALIGNMENT) table.set(own, (at / ALIGNMENT) * 4);
  });
  backend.commands.write({ buffer: constants }, table);
  const program = family.packed(bytes / 4);
  return () => ({
    kind: 'dispatch',
    label: program.label,
    pipeline: backend.pipelines.now(program.code, program.label),
    bindings: [
      ...[...updated, ...read, constants].map((buffer) => ({ buffer })),
      ...group.shared.map((one) => ('value' in one ? places.get(one.value)! : one.constant)),
    ],
    grid: program.grid,
  });
}

const rebound = (
  command: Dispatch,
  operands: readonly (Value | undefined)[],
  places: ReadonlyMap<Value, GPUBufferBinding>,
): Dispatch => ({
  ...command,
  bindings: command.bindings.map((binding, i) => {
    const value = operands[i];
    return value ? places.get(value)! : binding;
  }),
});

const copyTo = (from: GPUBufferBinding, to: Block): Copy => ({
  kind: 'copy',
  from: from.buffer,
  fromOffset: from.offset ?? 0,
  to: to.buffer,
  toOffset: to.offset,
  bytes: to.bytes,
});

/** Replays a captured step; places are decided at the first replay. */
export function recordingOf(
  backend: WebGpuBackend,
  step: RecordableStep,
  captured: Capture,
  wrap: (output: TensorInfo) => TensorInfo,
  outputShape: readonly number[],
): StepRecording {
  let plan: Plan | undefined;
  return {
    trace: captured.trace,
    replay: (inputs) => {
      const state = step.state();
      if (state.some((tensor) => backend.recordOf(tensor).refCount > 1)) return null;
      // What the replay reads must be on the device before it: uploads and waiting computations join the queue here.
      for (const values of [...state, ...inputs]) if (!(values instanceof Float32Array)) backend.block(values);
      if (!backend.commands.drained()) return null;
      plan ??= planReplay(backend, captured);
      const before: Command[] = [];
      for (const [i, tensor] of state.entries()) goHome(backend, tensor, plan.homes[i]!, before);
      for (const [i, values] of inputs.entries()) feed(backend, values, plan.inputs[i], before);
      const output = backend.makeOutput(outputShape);
      backend.commands.submit([...before, ...plan.commands, copyTo(plan.output, backend.block(output))]);
      return wrap(output);
    },
    dispose: () => {
      plan?.dispose();
      plan = undefined;
      captured.dispose();
    },
  };
}

/** Brings a tensor of the state to its home, if it was assigned from elsewhere. */
function goHome(backend: WebGpuBackend, tensor: TensorInfo, home: Block, commands: Command[]): void {
  const record = backend.recordOf(tensor);
  if (record.block !== home) {
    commands.push(copyTo(backend.block(tensor).binding, home));
    backend.place(tensor, home.retain());
  }
  record.values = null;
}

function feed(
  backend: WebGpuBackend,
  values: Float32Array | TensorInfo,
  to: GPUBufferBinding | undefined,
  commands: Command[],
): void {
  if (!to) return;
  if (values instanceof Float32Array) {
    backend.commands.write(to, values);
    return;
  }
  const { buffer, offset } = backend.block(values);
  commands.push({
    kind: 'copy',
    from: buffer,
    fromOffset: offset,
    to: to.buffer,
    toOffset: to.offset ?? 0,
    bytes: to.size ?? to.buffer.size,
  });
}
