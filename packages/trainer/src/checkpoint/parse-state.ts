import { parseJson } from '@resnet/files/json';
import { CheckpointError } from '../errors';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The JSON of a checkpoint: the fields of `CheckpointContents` beside its tensors, each checked.
 *
 * @throws CheckpointError naming the field that is malformed.
 */
export function parseState(text: string): Fields {
  const state = fieldsOf('state', parse(text));
  const { progress, schedule, optimizer, states, recipe } = state;
  requireProgress(fieldsOf('progress', progress));
  if (schedule === undefined) throw malformed('schedule', 'be there', schedule);
  for (const [name, value] of Object.entries(fieldsOf('optimizer', optimizer))) {
    require(`optimizer.${name}`, 'be a number', value, Number.isFinite(value));
  }
  fieldsOf('states', states);
  require('recipe', 'be a text or null', recipe, recipe === null || typeof recipe === 'string');
  return state;
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw malformed('state', 'be JSON', text.slice(0, 40));
  }
}

function requireProgress(progress: Fields): void {
  for (const name of ['step', 'epoch', 'batch']) {
    const value = progress[name];
    require(`progress.${name}`, 'be an integer of at least 0', value, Number.isSafeInteger(value) &&
      Number(value) >= 0);
  }
  const { evaluationPending, best, validation } = progress;
  require('progress.evaluationPending', 'be true or false', evaluationPending, typeof evaluationPending === 'boolean');
  if (best !== null) requireMeasured('progress.best', fieldsOf('progress.best', best), ['step', 'error', 'loss']);
  if (validation !== null) {
    requireMeasured('progress.validation', fieldsOf('progress.validation', validation), ['error', 'loss', 'top5Error']);
  }
}

/** JSON has no NaN: a loss that is none is null. */
function requireMeasured(where: string, fields: Fields, names: readonly string[]): void {
  for (const name of names) {
    const value = fields[name];
    require(`${where}.${name}`, 'be a number or null', value, value === null || typeof value === 'number');
  }
}

function fieldsOf(where: string, value: unknown): Fields {
  require(where, 'be an object', value, typeof value === 'object' && value !== null && !Array.isArray(value));
  return value as Fields;
}

function require(where: string, must: string, got: unknown, holds: boolean): void {
  if (!holds) throw malformed(where, must, got);
}

/** The error of a checkpoint that is as it was written, and was written wrong. */
export const malformed = (where: string, must: string, got: unknown): CheckpointError =>
  new CheckpointError(
    `decodeCheckpoint: ${where} must ${must}, got ${(JSON.stringify(got) ?? 'nothing').slice(0, 80)}. The checkpoint is malformed: use another.`,
  );
