import { type Field, type Fields, type Values, wordsOf } from './fields';
import { type JobName, jobs, structs } from './jobs';

/** Memory seen as whole numbers and as floats. */
export interface Words {
  readonly ints: Int32Array;
  readonly floats: Float32Array;
}

/** What a job gets. */
export type JobArguments<J extends JobName> = Values<(typeof jobs)[J]>;

/** What a row of a table gets. */
export type Row<S extends keyof typeof structs> = Values<(typeof structs)[S]>;

/**
 * Writes the arguments of a job.
 *
 * @returns How many words.
 * @throws RangeError if they do not fit.
 */
export const encodeJob = <J extends JobName>(job: J, values: JobArguments<J>, to: Words): number =>
  encode(jobs[job], values, to, 0);

/** The rows of a table in memory. */
export function encodeTable<S extends keyof typeof structs>(struct: S, rows: readonly Row<S>[]): Int32Array {
  const fields = structs[struct];
  const ints = new Int32Array(rows.length * wordsOf(fields));
  const words = { ints, floats: new Float32Array(ints.buffer) };
  rows.reduce((at, row) => encode(fields, row, words, at), 0);
  return ints;
}

function encode(fields: Fields, values: object, to: Words, start: number): number {
  const given = values as Readonly<Record<string, unknown>>;
  let at = start;
  for (const name in fields) at = write(fields[name]!, given[name], to, at);
  return at;
}

function write(field: Field, value: unknown, { ints, floats }: Words, at: number): number {
  if (typeof field === 'object') return encode(field, value as object, { ints, floats }, at);
  if (field === 'ints') {
    const list = value as readonly number[];
    checkRoom(ints, at + list.length);
    ints.set(list, at);
    return at + list.length;
  }
  checkRoom(ints, at + 1);
  if (field === 'float') floats[at] = value as number;
  else ints[at] = Number(value ?? 0);
  return at + 1;
}

function checkRoom({ length }: Int32Array, needed: number): void {
  if (needed <= length) return;
  throw new RangeError(`simd: a job's arguments must fit ${length} words, got ${needed}. Use a smaller kernel.`);
}
