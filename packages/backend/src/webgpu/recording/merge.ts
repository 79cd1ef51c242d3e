/// <reference types="@webgpu/types" />
import type { Member } from '../commands';
import type { Capture, Value } from './capture';

/** Dispatches of one family that become a single one, on values that lie packed in one buffer for each role. */
export interface Merged {
  readonly family: Member['family'];
  /** Where it runs: the place of its last member. */
  readonly at: number;
  /** The commands it replaces. */
  readonly commands: readonly number[];
  readonly members: readonly MergedMember[];
  /** What all members share: a value, or where a constant lies. */
  readonly shared: readonly Shared[];
  /** Length of a pack. */
  readonly bytes: number;
}

/** What all members read. */
export type Shared = { readonly value: Value } | { readonly constant: GPUBufferBinding };

/** One of the dispatches that are merged. */
export interface MergedMember {
  /** Offset and length in bytes in each pack. */
  readonly offset: number;
  readonly bytes: number;
  readonly constants: readonly number[];
  /** Index of the state that each in-out role updates. */
  readonly states: readonly number[];
  /** Value of each role that is only read. */
  readonly reads: readonly Value[];
}

/** The alignment of a binding's offset by WebGPU's default limits, in bytes. */
export const ALIGNMENT = 256;

/** Finds the families of a step whose members can wait for the last one, and run in place on packed state. */
export function mergeMembers(step: Capture): Merged[] {
  const families = new Map<string, number[]>();
  step.commands.forEach(({ member }, i) => {
    if (member) families.set(member.family.key, [...(families.get(member.family.key) ?? []), i]);
  });
  const stateOf = new Map(step.before.map((value, i) => [value, i] as const));
  const packed = new Set<Value>();
  return [...families.values()].flatMap((commands) => {
    const merged = merge(step, commands, stateOf, packed);
    return merged ? [merged] : [];
  });
}

function merge(
  step: Capture,
  commands: readonly number[],
  stateOf: ReadonlyMap<Value, number>,
  packed: Set<Value>,
): Merged | undefined {
  const at = commands.at(-1)!;
  const { family } = step.commands[at]!.member!;
  const used = new Set<Value>();
  let offset = 0;
  const members: MergedMember[] = [];
  let shared: readonly Shared[] | undefined;
  for (const i of commands) {
    const operands = step.operands[i]!;
    const { constants } = step.commands[i]!.member!;
    const states: number[] = [];
    for (const [from, to] of family.updates) {
      const [old, next] = [operands[from]!, operands[to]!];
      const state = stateOf.get(old!);
      const alone =
        state !== undefined && step.after[state] === next && old!.last <= at && next!.first === i && next!.last === i;
      // The old value may be read until the merged update runs, but nobody may use the new one before.
      if (!alone || packed.has(old!) || used.has(old!)) return undefined;
      used.add(old!);
      states.push(state);
    }
    const reads = family.reads.map((role) => operands[role]);
    for (const value of reads) {
      if (!value || stateOf.has(value) || step.inputs.includes(value) || packed.has(value) || used.has(value))
        return undefined;
      if (step.after.includes(value)) return undefined;
      used.add(value);
    }
    const { bindings } = step.commands[i]!;
    const same = family.shared.map((role): Shared => {
      const value = operands[role];
      return value ? { value } : { constant: bindings[role] as GPUBufferBinding };
    });
    if (shared?.some((one, j) => identity(one) !== identity(same[j]!))) return undefined;
    shared = same;
    const { bytes } = operands[family.updates[0]![0]]!;
    members.push({ offset, bytes, constants, states, reads: reads as Value[] });
    offset += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  }
  for (const value of used) packed.add(value);
  return { family, at, commands, members, shared: shared ?? [], bytes: offset };
}

/** What two shared operands have in common only if they are the same: a value, or the buffer of a constant. */
const identity = (shared: Shared): object => ('value' in shared ? shared.value : shared.constant.buffer);
