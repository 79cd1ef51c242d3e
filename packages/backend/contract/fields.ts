/**
 * A field of a job's arguments, four bytes: a byte address in the shared memory, which 0 stands for none of where it is optional (`pointer?`), an int32, a float32
 * or 0 or 1. `ints` is any number of int32, only at the end. Nested fields lie in line.
 */
export type Field = 'pointer' | 'pointer?' | 'int' | 'float' | 'flag' | 'ints' | Fields;

/** Fields in the order in which they lie in memory. */
export interface Fields {
  readonly [name: string]: Field;
}

type Value<F> = F extends 'flag'
  ? boolean
  : F extends 'ints'
    ? readonly number[]
    : F extends Fields
      ? Values<F>
      : number;

/** What TypeScript gives for some fields. */
export type Values<F extends Fields> = {
  readonly [K in keyof F as F[K] extends 'pointer?' ? never : K]: Value<F[K]>;
} & { readonly [K in keyof F as F[K] extends 'pointer?' ? K : never]?: number };

/** Keys of an object in the order of its declaration. */
export const ordered = <T extends object>(object: T): (keyof T & string)[] =>
  Object.keys(object) as (keyof T & string)[];

/** Words of four bytes that fields take, trailing `ints` not counted. */
export const wordsOf = (fields: Fields): number =>
  Object.values(fields).reduce<number>(
    (sum, field) => sum + (typeof field === 'object' ? wordsOf(field) : field === 'ints' ? 0 : 1),
    0,
  );
