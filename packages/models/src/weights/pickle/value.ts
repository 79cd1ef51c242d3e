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
  /** Whether it is a class whose objects are placeholders: arguments, state and items are read and forgotten. */
  readonly inert?: true;
}

/** Stands for an object that weights do without: its class, nothing of its content. */
export class Placeholder {
  constructor(
    /** `module.name` of the class, or the type of a value. */
    readonly name: string,
  ) {}
}

/** What the interpreter may build from. */
export interface Trust {
  /**
   * What a name in the file stands for here. Nothing is looked up outside our own tables.
   *
   * @throws PickleError for a name that a pickle must not mention.
   */
  global(module: string, name: string): Global;
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
  if (value instanceof Placeholder) return `an object of ${value.name}`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  return typeof value === 'object' ? 'an object' : String(value);
}
