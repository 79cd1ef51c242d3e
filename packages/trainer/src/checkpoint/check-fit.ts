import type { SafeTensor } from '@resnet/safetensors';
import type { Json } from '../schedule';
import type { CheckpointContents } from './contents';
import { malformed } from './parse-state';

/** What a run needs of a checkpoint to go on from it. */
export interface Needs {
  /** Iterations of the whole run. */
  readonly steps: number;
  /** Names of the trainable weights. */
  readonly trainable: readonly string[];
  /** Names of the optimizer's slots. */
  readonly slots: readonly string[];
  /** Names of the optimizer's numbers. */
  readonly numbers: readonly string[];
  /** Whether the checkpoint is of the same recipe, and so has the same parts. Without a recipe a schedule or policy may be new. */
  readonly sameRecipe: boolean;
  /** States as they are at the start: those of a checkpoint have the same fields. */
  readonly schedule: Json;
  readonly states: Readonly<Record<string, Json>>;
}

/**
 * Makes sure that a checkpoint has all that a run goes on from: what is missing would start from zero in silence.
 *
 * @throws CheckpointError naming what is malformed. Weights of another model are not looked for here.
 */
export function requireFit({ progress, tensors, ...state }: CheckpointContents, needs: Needs): void {
  if (progress.step > needs.steps) throw malformed('progress.step', `be at most ${needs.steps}`, progress.step);
  if (progress.step > 0) {
    for (const slot of needs.slots)
      for (const name of needs.trainable) requireTensor(tensors, `optimizer/${slot}/${name}`);
    for (const name of needs.numbers) requireHas('optimizer', state.optimizer, name);
  }
  for (const name of ['window/loss', 'window/error']) requireNumbers(name, tensors.get(name));
  if (needs.sameRecipe) requireParts(state, needs);
  requireAlike('schedule', state.schedule, needs.schedule);
  for (const [name, value] of Object.entries(needs.states)) {
    if (Object.hasOwn(state.states, name)) requireAlike(`states.${name}`, state.states[name]!, value);
  }
}

function requireParts({ schedule, states }: Pick<CheckpointContents, 'schedule' | 'states'>, needs: Needs): void {
  if (schedule === null && needs.schedule !== null) throw malformed('schedule', 'be there', schedule);
  for (const name of Object.keys(needs.states)) requireHas('states', states, name);
}

function requireHas(where: string, fields: object, name: string): void {
  if (!Object.hasOwn(fields, name)) throw malformed(`${where}.${name}`, 'be there', undefined);
}

function requireTensor(tensors: CheckpointContents['tensors'], name: string): void {
  if (!tensors.has(name)) throw malformed(name, 'be there', undefined);
}

function requireNumbers(name: string, tensor: SafeTensor | undefined): void {
  if (tensor?.dtype !== 'F64') throw malformed(name, 'be F64', tensor?.dtype);
}

/** Lists may have any length, and what is null at the start or by now may be anything. */
function requireAlike(where: string, found: Json, fresh: Json): void {
  if (found === null || fresh === null) return;
  if (kindOf(found) !== kindOf(fresh)) throw malformed(where, `be ${kindOf(fresh)}`, found);
  if (!isObject(found) || !isObject(fresh)) return;
  for (const [name, value] of Object.entries(fresh)) {
    requireHas(where, found, name);
    requireAlike(`${where}.${name}`, found[name]!, value);
  }
}

const isObject = (value: Json): value is { readonly [key: string]: Json } => kindOf(value) === 'an object';

const kindOf = (value: Json): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
