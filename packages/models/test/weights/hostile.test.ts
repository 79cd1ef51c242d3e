import { PickleError, readWeights, WeightFileError } from '@resnet/models';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import * as p from './pickle';

const four = { 0: new Uint8Array(16) };
const size = (...sizes: number[]) => p.tuple(...sizes.map(p.long));
const w = (...pieces: p.Piece[]) => p.dict(p.text('w'), pieces);
const plain = p.tensor(p.storage('0', p.int(4)), p.int(0), size(2, 2), size(2, 1));

/** Hand-made pickles of things that weights never need, and what the error must name. */
const pickles: [string, p.Piece[], RegExp][] = [
  ['posix.system', [p.call('posix', 'system', p.text('touch pwned'))], /global "posix\.system"/],
  ['nt.system', [p.call('nt', 'system', p.text('touch pwned'))], /global "nt\.system"/],
  ['builtins.eval by STACK_GLOBAL', [p.text('builtins'), p.text('eval'), 0x93], /global "builtins\.eval"/],
  ['a global that is text only', [p.int(1), p.int(2), 0x93], /global's module as text, got 1/],
  ['a name that JavaScript inherits', [p.global('constructor', 'constructor')], /"constructor\.constructor"/],
  ['__proto__', [p.global('__proto__', '')], /global "__proto__\."/],
  ['torch.load', [p.global('torch', 'load')], /global "torch\.load"/],
  ['a name of a megabyte', [p.global('x'.repeat(1e6), 'y')], /global "x{100}"/],
  ['a name without an end', ['cposix'], /must have 1 bytes at byte|must be UTF-8/],
  [
    'a global of nested tuples',
    [p.emptyTuple, Array(100_000).fill(p.tuple1), p.text('x'), 0x93],
    /module as text, got a tuple/,
  ],
  ['INST', [p.mark, 'iposix\nsystem\n'], /opcode 0x69 \(INST\)/],
  ['OBJ', [p.mark, 'o'], /opcode 0x6f \(OBJ\)/],
  ['NEWOBJ', [p.global('collections', 'OrderedDict'), p.emptyTuple, 0x81], /opcode 0x81 \(NEWOBJ\)/],
  ['EXT1', [0x82, 1], /opcode 0x82 \(EXT1\)/],
  ['PERSID', ['P0\n'], /opcode 0x50 \(PERSID\)/],
  ['an unknown opcode', [0xff], /opcode 0xff \(unknown\), got it at byte/],
  ['calling a storage type', [p.call('torch', 'FloatStorage', p.int(1))], /can be built, got torch\.FloatStorage/],
  ['calling text', [p.text('eval'), p.emptyTuple, p.reduce], /global to build from, got "eval"/],
  ['calling what was built', [plain, p.emptyTuple, p.reduce], /global to build from, got an object/],
  ['arguments that are a list', [p.global('collections', 'OrderedDict'), p.emptyList, p.reduce], /tuple of arguments/],
  ['an OrderedDict with arguments', [p.call('collections', 'OrderedDict', p.none)], /without arguments/],
  ['the state of a tensor', [plain, p.emptyDict, p.build], /OrderedDict to set the state of, got an object/],
  ['a parameter of text', [p.call('torch._utils', '_rebuild_parameter', p.text('x'))], /tensor in a parameter/],
  ['a tensor of text', [w(p.tensor(p.text('x'), p.int(0), size(1), size(1)))], /have a storage, got "x"/],
  ['a persistent module', [p.tuple(p.text('module'), p.none, p.text('x')), p.persistent], /persistent id.*"module"/],
  ['a persistent id of text', [p.text('x'), p.persistent], /persistent id/],
  [
    'a storage of no type',
    [p.tuple(p.text('storage'), p.none, p.text('0'), p.none, p.int(1)), p.persistent],
    /persistent/,
  ],
  ['an unknown storage type', [p.storage('0', p.int(4), 'QInt8Storage')], /global "torch\.QInt8Storage"/],
  ['a storage larger than the file', [w(p.tensor(p.storage('0', p.long(2 ** 40)), p.int(0), size(1), size(1)))], /fit/],
  ['a storage of 2^62', [p.storage('0', p.long(2 ** 62))], /count of elements/],
  ['a storage of -1', [p.storage('0', p.int(-1))], /count of elements, got -1/],
  ['a storage of 1.5', [p.storage('0', ['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0])], /count of elements, got 1\.5/],
  ['a storage of two lengths', [p.storage('0', p.int(4)), p.storage('0', p.int(3)), 't'], /declared once/],
  ['a storage of two types', [p.storage('0', p.int(2)), p.storage('0', p.int(2), 'HalfStorage')], /declared once/],
  ['a tensor past its storage', [w(p.tensor(p.storage('0', p.int(4)), p.int(1), size(4), size(1)))], /lie within/],
  [
    'an offset past its storage',
    [w(p.tensor(p.storage('0', p.int(4)), p.long(2 ** 50), size(0), size(1)))],
    /lie within/,
  ],
  [
    'a stride past its storage',
    [w(p.tensor(p.storage('0', p.int(4)), p.int(0), size(2), size(2 ** 40)))],
    /lie within/,
  ],
  ['an expanded tensor', [w(p.tensor(p.storage('0', p.int(4)), p.int(0), size(2 ** 40), size(0)))], /lie within/],
  [
    'a product that overflows',
    [w(p.tensor(p.storage('0', p.int(4)), p.int(0), size(...Array(40).fill(2 ** 52), 0), size(...Array(41).fill(0))))],
    /lie within/,
  ],
  ['a negative offset', [w(p.tensor(p.storage('0', p.int(4)), p.int(-1), size(1), size(1)))], /have an offset, got -1/],
  ['a negative size', [w(p.tensor(p.storage('0', p.int(4)), p.int(0), p.tuple(p.int(-1)), size(1)))], /have a size/],
  [
    'a negative stride',
    [w(p.tensor(p.storage('0', p.int(4)), p.int(3), size(2), p.tuple(p.int(-1))))],
    /stride for each/,
  ],
  ['a stride too few', [w(p.tensor(p.storage('0', p.int(4)), p.int(0), size(2, 2), size(1)))], /stride for each axis/],
  ['65 axes', [w(p.tensor(p.storage('0', p.int(4)), p.int(0), size(...Array(65).fill(1)), size()))], /have a size/],
  ['text longer than the file', ['X', 0xff, 0xff, 0xff, 0xff, 'abc'], /4294967295 bytes/],
  ['text that is not UTF-8', ['X', 1, 0, 0, 0, 0xff], /UTF-8/],
  ['a memo entry that is not there', ['h', 7], /memo entry 7/],
  ['a pop below a mark', [p.none, p.mark, '0'], /value on the stack/],
  ['a tuple without a mark', [p.none, 't'], /mark on the stack/],
  ['appending to a tuple', [p.emptyTuple, p.none, 'a'], /list to append to, got a tuple/],
  ['setting an item of a list', [p.emptyList, p.none, p.none, 's'], /dict to set items of, got a list/],
  ['a key without a value', [p.emptyDict, p.mark, p.none, 'u'], /value for every key/],
  ['two results', [p.none, p.none], /one value at its end, got 2/],
  ['an old protocol', [0x80, 1], /protocol 2 to 5, got 1/],
];

describe.each([
  ['zip', (pickle: p.Piece[]) => p.archive(pickle, four)],
  ['legacy', (pickle: p.Piece[]) => p.legacy(pickle, p.legacyStorages({ 0: new Float32Array(4) }))],
])('a hostile pickle in a %s file', (_, file) => {
  it.each(pickles)('is refused: %s', (_name, pickle, message) => {
    expect(() => readWeights(file(pickle))).toThrow(WeightFileError);
    expect(() => readWeights(file(pickle))).toThrow(message);
  });

  it('would have been read without its attack', () => {
    expect(readWeights(file([w(plain)])).get('w')).toMatchObject({ dtype: 'F32', shape: [2, 2] });
  });
});

it.each<[string, p.Piece[]]>([
  ['no dict', [p.none]],
  ['a dict of text', [w(p.text('x'))]],
  ['a dict of dicts', [w(w(plain))]],
])('a pickle of %s has no weights', (_, pickle) => {
  expect(() => readWeights(p.archive(pickle, four))).toThrow(/state_dict of tensors, got none/);
});

describe('a pickle bomb', () => {
  const million = 1_000_000;
  const repeated = (...pieces: p.Piece[]) => {
    const once = p.bytes(...pieces);
    const all = new Uint8Array(once.length * million);
    for (let i = 0; i < million; i++) all.set(once, i * once.length);
    return p.archiveOf({ 'net/data.pkl': all });
  };

  it.each<[string, Uint8Array, RegExp]>([
    ['of the stack', repeated(p.none), /stack must hold at most 500000/],
    ['of marks', repeated(p.mark), /stack must hold at most 500000/],
    ['of the memo', repeated(p.none, p.memoize, '0'), /memo must hold at most 500000/],
    ['of operations', repeated(p.none, '0', p.none, '0', p.none, '0'), /at most 2000000 operations/],
  ])('%s is stopped', (_, file, message) => {
    const start = performance.now();
    expect(() => readWeights(file)).toThrow(PickleError);
    expect(() => readWeights(file)).toThrow(message);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('of nesting does not exhaust the stack', () => {
    const nested = new Uint8Array(500_000).fill(p.tuple1);
    const deep = new Uint8Array(nested.length + 2);
    deep[0] = ')'.charCodeAt(0);
    deep.set(nested, 1);
    deep[deep.length - 1] = '.'.charCodeAt(0);
    expect(() => readWeights(p.archiveOf({ 'net/data.pkl': deep }))).toThrow(/state_dict of tensors, got none/);
  });

  it('of a list that contains itself ends', () => {
    const circular = [p.emptyList, 'q', 0, 'h', 0, 'a'];
    expect(() => readWeights(p.archive(circular))).toThrow(/state_dict/);
  });

  it('of one storage in many strided tensors is refused before they are copied', () => {
    const transposed = (i: number) => [
      p.text(`t${i}`),
      p.tensor(p.storage('0', p.int(10_000)), p.int(0), size(100, 100), size(1, 100)),
    ];
    const many = p.dict(...Array.from({ length: 400 }, (_, i) => transposed(i)));
    expect(() => readWeights(p.archive([many], { 0: new Uint8Array(40_000) }))).toThrow(/more memory than the file/);
  });
});

describe('a hostile archive', () => {
  const good = p.archive([w(plain)], four);
  const find = (file: Uint8Array, signature: number) => {
    const view = new DataView(file.buffer, file.byteOffset);
    return Array.from({ length: file.length - 4 }, (_, at) => at).filter(
      (at) => view.getUint32(at, true) === signature,
    );
  };
  const patched = (signature: number, offset: number, value: number, width: 16 | 32) => {
    const file = good.slice();
    const view = new DataView(file.buffer);
    for (const at of find(file, signature)) {
      if (width === 16) view.setUint16(at + offset, value, true);
      else view.setUint32(at + offset, value, true);
    }
    return file;
  };
  const [member, end] = [0x02014b50, 0x06054b50];

  it.each<[string, () => Uint8Array, RegExp]>([
    ['without data.pkl', () => p.archiveOf({ 'net/x': new Uint8Array(1) }), /one data\.pkl, got 0/],
    [
      'with two of them',
      () => p.archiveOf({ 'a/data.pkl': new Uint8Array(1), 'b/data.pkl': new Uint8Array(1) }),
      /one data\.pkl, got 2/,
    ],
    ['without the storage', () => p.archive([w(plain)]), /storage "0" must have 16 bytes, got none/],
    ['with half the storage', () => p.archive([w(plain)], { 0: new Uint8Array(8) }), /must have 16 bytes, got 8/],
    ['with twice the storage', () => p.archive([w(plain)], { 0: new Uint8Array(32) }), /must have 16 bytes, got 32/],
    [
      'of the other byte order',
      () => p.archiveOf({ 'net/data.pkl': p.bytes(p.none, '.'), 'net/byteorder': p.bytes('big') }),
      /little-endian, got "big"/,
    ],
    [
      'that is a bomb',
      () => zipSync({ 'net/data.pkl': new Uint8Array(10_000_000) }, { level: 9 }),
      /of at most what its \d+ packed bytes give/,
    ],
    ['that lies about a size', () => patched(member, 24, 1, 32), /of 1 bytes, got/],
    ['that claims gigabytes', () => patched(member, 24, 0xfffffff0, 32), /of at most what its/],
    ['whose members overlap', () => patched(member, 20, good.length - 60, 32), /must have (no two|only offsets)/],
    ['whose packed sizes lie outside', () => patched(member, 20, 0x7fffffff, 32), /only offsets inside the file/],
    ['whose members lie outside', () => patched(member, 42, 0x7fffffff, 32), /only offsets inside the file/],
    ['with a method of its own', () => patched(member, 10, 99, 16), /stored or deflated, got method 99/],
    ['that is encrypted', () => patched(member, 8, 1, 16), /no encryption/],
    ['with another checksum', () => patched(member, 16, 1, 32), /checksum/],
    ['that counts 65,535 members', () => patched(end, 10, 0xffff, 16), /directory entry, got 2 of 65535|only offsets/],
    ['whose directory lies outside', () => patched(end, 16, 0x7fffffff, 32), /only offsets inside the file/],
    ['without an end', () => good.subarray(0, good.length - 1), /have an end/],
  ])('is refused: %s', (_, file, message) => {
    expect(() => readWeights(file())).toThrow(WeightFileError);
    expect(() => readWeights(file())).toThrow(message);
  });

  it('that inflates beyond its declared size is left at once', () => {
    const file = zipSync({ 'net/data.pkl': new Uint8Array(50_000_000) }, { level: 9 });
    const view = new DataView(file.buffer, file.byteOffset);
    for (const at of find(file, member)) view.setUint32(at + 24, 1000, true);
    expect(() => readWeights(file)).toThrow(/of 1000 bytes, got more/);
  });
});

describe('a legacy file', () => {
  const good = () => p.legacyStorages({ 0: new Float32Array(4) });

  it.each<[string, Uint8Array, RegExp]>([
    ['without its storages', p.legacy([w(plain)]), /must have 1 bytes/],
    ['with no keys', p.legacy([w(plain)], p.legacyStorages({})), /"0" must have its elements, got none/],
    ['with an unknown key', p.legacy([w(plain)], p.legacyStorages({ 1: new Float32Array(4) })), /been declared/],
    [
      'with a short storage',
      p.legacy([w(plain)], p.legacyStorages({ 0: new Float32Array(3) })),
      /4 elements once, got 3/,
    ],
    [
      'with a view of a storage',
      p.legacy(
        [
          p.tuple(
            p.text('storage'),
            p.global('torch', 'FloatStorage'),
            p.text('0'),
            p.text('cpu'),
            p.int(4),
            p.tuple(p.text('1'), p.int(0), p.int(1)),
          ),
          p.persistent,
        ],
        good(),
      ),
      /not be a view/,
    ],
  ])('is refused %s', (_, file, message) => {
    expect(() => readWeights(file)).toThrow(WeightFileError);
    expect(() => readWeights(file)).toThrow(message);
  });
});
