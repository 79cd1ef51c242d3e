import { PickleError } from '../errors';
import { describe, type Global, isList, isTuple, type PickleValue, Placeholder, type Trust } from './value';

const mostStack = 500_000;
const mostMemo = 500_000;

/** The stack, marks and memo of one pickle, checked at every step. */
export type Machine = ReturnType<typeof machine>;

/** A machine with an empty stack. */
export function machine({ global, persistent }: Trust) {
  const stack: PickleValue[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PickleValue>();
  const mentioned = new Set<PickleValue>();
  const isGlobal = (value: PickleValue): value is Global => mentioned.has(value);

  const push = (value: PickleValue) => {
    if (stack.length >= mostStack) throw limit('stack', mostStack);
    stack.push(value);
  };

  /** Values above the last mark only: an operation never reaches below it. */
  const pop = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw damaged('a value on the stack', 'none');
    return stack.pop();
  };

  const top = (): PickleValue => {
    const value = pop();
    stack.push(value);
    return value;
  };

  const popMark = (): PickleValue[] => {
    const mark = marks.pop();
    if (mark === undefined) throw damaged('a mark on the stack', 'none');
    return stack.splice(mark);
  };

  const remember = (index: number) => {
    if (memo.size >= mostMemo) throw limit('memo', mostMemo);
    memo.set(index, top());
  };

  const recall = (index: number) => {
    if (!memo.has(index)) throw damaged(`a memo entry ${index}`, 'none');
    push(memo.get(index));
  };

  const append = (items: readonly PickleValue[]) => {
    const list = top();
    if (list instanceof Placeholder) return;
    if (!isList(list)) throw damaged('a list to append to', describe(list));
    for (const item of items) list.push(item);
  };

  const setItems = (items: readonly PickleValue[]) => {
    const dict = top();
    if (items.length % 2 !== 0) throw damaged('a value for every key', 'one short');
    if (dict instanceof Placeholder) return;
    if (!(dict instanceof Map)) throw damaged('a dict to set items of', describe(dict));
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  };

  const lookUp = (module: PickleValue, name: PickleValue) => {
    if (typeof module !== 'string') throw damaged("a global's module as text", describe(module));
    if (typeof name !== 'string') throw damaged("a global's name as text", describe(name));
    const found = global(module, name);
    mentioned.add(found);
    push(found);
  };

  const reduce = () => {
    const args = pop();
    const callee = pop();
    if (!isTuple(args)) throw damaged('a tuple of arguments', describe(args));
    if (!isGlobal(callee)) throw damaged('a global to build from', describe(callee));
    if (!callee.build) throw damaged('a global that can be built', callee.name);
    push(callee.build(args));
  };

  /** NEWOBJ of protocol 2: an object of a class, made without its constructor. */
  const newObject = () => {
    const args = pop();
    const type = pop();
    if (!isTuple(args)) throw damaged('a tuple of arguments', describe(args));
    if (!isGlobal(type) || !type.inert) {
      throw damaged('a class for opcode 0x81 (NEWOBJ)', isGlobal(type) ? type.name : describe(type));
    }
    push(new Placeholder(type.name));
  };

  /** State of an OrderedDict (`_metadata` of a state_dict) says nothing about weights; tensors must not have any. */
  const build = () => {
    pop();
    const object = top();
    if (object instanceof Map || object instanceof Placeholder) return;
    throw damaged('an object or OrderedDict to set the state of', describe(object));
  };

  const mark = () => {
    if (marks.length >= mostStack) throw limit('stack', mostStack);
    marks.push(stack.length);
  };

  const result = (): PickleValue => {
    const value = pop();
    if (stack.length > 0) throw damaged('one value at its end', `${stack.length + 1}`);
    return value;
  };

  const tuple = (items: PickleValue[]) => push(Object.freeze(items));

  return {
    push,
    pop,
    popMark,
    remember,
    memoSize: () => memo.size,
    recall,
    append,
    setItems,
    lookUp,
    reduce,
    newObject,
    build,
    mark,
    result,
    tuple,
    persist: () => push(persistent(pop())),
  };
}

const limit = (what: string, most: number): PickleError =>
  new PickleError(`readWeights: a pickle's ${what} must hold at most ${most} values. Is the file damaged?`);

const damaged = (expected: string, found: string): PickleError =>
  new PickleError(`readWeights: the pickle must have ${expected}, got ${found}. Is the file damaged?`);
