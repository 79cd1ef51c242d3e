import { PickleError } from '../errors';
import type { Cursor } from './cursor';
import type { Machine } from './machine';
import { Placeholder } from './value';

type Operation = (machine: Machine, input: Cursor) => void;

const protocol: Operation = (_, input) => {
  const version = input.byte();
  if (version < 2 || version > 5) {
    throw new PickleError(`readWeights: a pickle must be of protocol 2 to 5, got ${version}. Save it with torch.save.`);
  }
};

/** Little-endian two's complement of up to 255 bytes. */
const long: Operation = (machine, input) => {
  const bytes = input.take(input.byte());
  let value = 0n;
  for (let i = bytes.byteLength - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes.getUint8(i));
  const signed = BigInt.asIntN(8 * bytes.byteLength, value);
  machine.push(Number.isSafeInteger(Number(signed)) ? Number(signed) : signed);
};

const stackGlobal: Operation = (machine) => {
  const name = machine.pop();
  machine.lookUp(machine.pop(), name);
};

const setItem: Operation = (machine) => {
  const value = machine.pop();
  machine.setItems([machine.pop(), value]);
};

const tupleOf =
  (length: number): Operation =>
  (machine) => {
    const items = Array.from({ length }, machine.pop);
    machine.tuple(items.reverse());
  };

/** Bytes and integers of thousands of bits are no weights: they are read and forgotten. */
const forgotten =
  (type: string, length: (input: Cursor) => number): Operation =>
  (machine, input) => {
    input.take(length(input));
    machine.push(new Placeholder(type));
  };

const frozenSet: Operation = (machine) => {
  machine.popMark();
  machine.push(new Placeholder('frozenset'));
};

/** NEWOBJ_EX: named arguments lie above the others. */
const newObjectWithNames: Operation = (machine) => {
  machine.pop();
  machine.newObject();
};

/** Everything that `torch.save` of weights and what lies beside them writes, from Python 2 to 3, and nothing else. */
export const opcodes: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, protocol], // PROTO
  [0x95, (_, input) => void input.uint64()], // FRAME: a hint for reading ahead
  [0x28, (machine) => machine.mark()], // MARK
  [0x30, (machine) => void machine.pop()], // POP
  [0x31, (machine) => void machine.popMark()], // POP_MARK
  [0x4e, (machine) => machine.push(null)], // NONE
  [0x88, (machine) => machine.push(true)], // NEWTRUE
  [0x89, (machine) => machine.push(false)], // NEWFALSE
  [0x4a, (machine, input) => machine.push(input.int32())], // BININT
  [0x4b, (machine, input) => machine.push(input.byte())], // BININT1
  [0x4d, (machine, input) => machine.push(input.uint16())], // BININT2
  [0x8a, long], // LONG1
  [0x8b, forgotten('int', (input) => input.uint32())], // LONG4
  [0x47, (machine, input) => machine.push(input.float64())], // BINFLOAT
  [0x58, (machine, input) => machine.push(input.text(input.uint32()))], // BINUNICODE
  [0x8c, (machine, input) => machine.push(input.text(input.byte()))], // SHORT_BINUNICODE
  [0x54, (machine, input) => machine.push(input.text(input.uint32()))], // BINSTRING, of Python 2
  [0x55, (machine, input) => machine.push(input.text(input.byte()))], // SHORT_BINSTRING, of Python 2
  [0x8d, (machine, input) => machine.push(input.text(input.uint64()))], // BINUNICODE8
  [0x43, forgotten('bytes', (input) => input.byte())], // SHORT_BINBYTES
  [0x42, forgotten('bytes', (input) => input.uint32())], // BINBYTES
  [0x8e, forgotten('bytes', (input) => input.uint64())], // BINBYTES8
  [0x96, forgotten('bytes', (input) => input.uint64())], // BYTEARRAY8
  [0x8f, (machine) => machine.push(new Placeholder('set'))], // EMPTY_SET
  [0x90, (machine) => machine.append(machine.popMark())], // ADDITEMS
  [0x91, frozenSet], // FROZENSET
  [0x29, (machine) => machine.tuple([])], // EMPTY_TUPLE
  [0x85, tupleOf(1)], // TUPLE1
  [0x86, tupleOf(2)], // TUPLE2
  [0x87, tupleOf(3)], // TUPLE3
  [0x74, (machine) => machine.tuple(machine.popMark())], // TUPLE
  [0x5d, (machine) => machine.push([])], // EMPTY_LIST
  [0x61, (machine) => machine.append([machine.pop()])], // APPEND
  [0x65, (machine) => machine.append(machine.popMark())], // APPENDS
  [0x7d, (machine) => machine.push(new Map())], // EMPTY_DICT
  [0x73, setItem], // SETITEM
  [0x75, (machine) => machine.setItems(machine.popMark())], // SETITEMS
  [0x71, (machine, input) => machine.remember(input.byte())], // BINPUT
  [0x72, (machine, input) => machine.remember(input.uint32())], // LONG_BINPUT
  [0x94, (machine) => machine.remember(machine.memoSize())], // MEMOIZE
  [0x68, (machine, input) => machine.recall(input.byte())], // BINGET
  [0x6a, (machine, input) => machine.recall(input.uint32())], // LONG_BINGET
  [0x63, (machine, input) => machine.lookUp(input.line(), input.line())], // GLOBAL
  [0x93, stackGlobal], // STACK_GLOBAL
  [0x52, (machine) => machine.reduce()], // REDUCE
  [0x81, (machine) => machine.newObject()], // NEWOBJ
  [0x92, newObjectWithNames], // NEWOBJ_EX
  [0x62, (machine) => machine.build()], // BUILD
  [0x51, (machine) => machine.persist()], // BINPERSID
]);

/** Opcodes of other pickles, by the name an error message gives them. */
export const refused: ReadonlyMap<number, string> = new Map([
  [0x69, 'INST'],
  [0x6f, 'OBJ'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x50, 'PERSID'],
]);
