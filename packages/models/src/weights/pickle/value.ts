/**
 * What a pickle can hold here. Lists are arrays, tuples frozen arrays, dicts maps; everything else is what the caller's
 * own builders return.
 */
export type PickleValue = unknown;

/** A name that a pickle may mention. */
export interface Global {
  /** `module.name`, for error messages. */
  readonly name: string;
  /** Makes the value from checked arguments; absent where calling it is refused. Never anything from the file. */
  readonly build?: (args: readonly PickleValue[]) => PickleValue;
}

/** What the interpreter may build from. */
export interface Trust {
  /** The only globals a pickle may mention, by `module.name`. */
  globals: ReadonlyMap<string, Global>;
  /** Resolves a persistent id, after checking it. */
  persistent(id: PickleValue): PickleValue;
}

export const isTuple = (value: PickleValue): value is readonly PickleValue[] =>
  Array.isArray(value) && Object.isFrozen(value);

export const isList = (value: PickleValue): value is PickleValue[] => Array.isArray(value) && !Object.isFrozen(value);

/** A short description for error messages: a type, never the content, which may be deep or circular. */
export function describe(value: PickleValue): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return isTuple(value) ? 'a tuple' : 'a list';
  if (value instanceof Map) return 'a dict';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  return typeof value === 'object' ? 'an object' : String(value);
}
