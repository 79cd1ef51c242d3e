import { readFileSync } from 'node:fs';
import { PickleError, readWeights, torchvisionNames, WeightFileError } from '@resnet/models';
import { serializeSafetensors } from '@resnet/safetensors';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import * as p from './pickle';

// Made by PyTorch: fixtures/make-surrounded.py.
const { 'expected.json': values, ...files } = unzipSync(
  readFileSync(new URL('./fixtures/surrounded.zip', import.meta.url)),
);
const expected: Record<string, number[]> = JSON.parse(new TextDecoder().decode(values));
const file = (name: string): Uint8Array => files[`${name}.pth`]!;

const read = (bytes: Uint8Array, key?: string): Record<string, number[]> =>
  Object.fromEntries(
    [...torchvisionNames(readWeights(bytes, { ...(key !== undefined && { key }) }))].map(([name, { data }]) => [
      name,
      Array.from(data, Number),
    ]),
  );

const zeros = Object.fromEntries(Object.entries(expected).map(([name, { length }]) => [name, Array(length).fill(0)]));

describe('readWeights finds the weights of a checkpoint', () => {
  const single = Object.keys(files).filter((name) => !name.startsWith('several'));

  it('of every kind', () => expect(single).toHaveLength(13 + 11 + 13 * 4 - 1));

  it.each(single)('%s', (name) => {
    expect(read(files[name]!)).toEqual(expected);
  });
});

describe('a checkpoint of several networks', () => {
  it('lists them, plain ones and averages', () => {
    expect(() => readWeights(file('several'))).toThrow(WeightFileError);
    expect(() => readWeights(file('several'))).toThrow(/got "teacher", "student", "ema\.student"\. Set key/);
    expect(() => readWeights(file('several averages'))).toThrow(/got "ema", "swa"\. Set key/);
  });

  it.each([
    ['teacher', expected],
    ['student', expected],
    ['ema', zeros],
    ['ema.student', zeros],
  ])('gives those under the key %s', (key, values) => {
    expect(read(file('several'), key)).toEqual(values);
  });

  it.each(['stud', 'teacher.conv1.weight', '', '__proto__'])('refuses the key %j and lists the others', (key) => {
    expect(() => readWeights(file('several'), { key })).toThrow(/There are "teacher", "student", "ema\.student"\./);
  });

  it('has no key in safetensors', () => {
    const safetensors = serializeSafetensors({ w: { dtype: 'F32', shape: [1], data: Float32Array.of(3) } });
    expect(() => readWeights(safetensors, { key: 'model' })).toThrow(/key must be left out for safetensors/);
  });
});

describe('an object beside weights', () => {
  const four = { 0: new Uint8Array(16) };
  const plain = p.dict(p.text('w'), p.tensor(p.storage('0', p.int(4)), p.int(0), p.tuple(p.int(4)), p.tuple(p.int(1))));
  const newObject = 0x81;
  const beside = (...object: p.Piece[]) =>
    p.archive([p.dict(p.text('state_dict'), plain, p.text('other'), object)], four);

  it.each<[string, p.Piece[]]>([
    ['with state', [p.global('mine.config', 'Config'), p.emptyTuple, newObject, p.emptyDict, p.build]],
    ['with named arguments', [p.global('mine.config', 'Config'), p.emptyTuple, p.emptyDict, 0x92]],
  ])('is not looked at: %s', (_, object) => {
    expect([...readWeights(beside(object)).keys()]).toEqual(['w']);
  });

  // As pickletools lists the names in pickles of NumPy 2.4's generators, arrays and scalars, and of Python 3.11's constants.
  it.each([
    'numpy._core.multiarray._reconstruct',
    'numpy._core.multiarray.scalar',
    'numpy._core.numeric._frombuffer',
    'numpy.ma.core._mareconstruct',
    'numpy.random._pcg64.PCG64',
    'numpy.random._pickle.__generator_ctor',
    'numpy.random._pickle.__bit_generator_ctor',
    'numpy.random.bit_generator.__pyx_unpickle_SeedSequence',
    'numpy.datetime64',
    'numpy.iinfo',
    '__builtin__.type',
    'builtins.Ellipsis',
    'random.Random',
    'uuid.UUID',
  ])('is not looked at where it is made by %s', (full) => {
    const dot = full.lastIndexOf('.');
    const object = p.call(full.slice(0, dot), full.slice(dot + 1), p.none);
    expect([...readWeights(beside(object)).keys()]).toEqual(['w']);
  });

  it.each<[string, p.Piece[]]>([
    ['calls a function of the system', [p.call('posix', 'system', p.text('true'))]],
    ['calls a class of the system', [p.call('subprocess', 'Popen', p.text('true'))]],
    ['makes an object of it', [p.global('multiprocessing.context', 'Process'), p.emptyTuple, newObject]],
    ['names what evaluates', [p.global('builtins', 'eval')]],
    [
      'gets an attribute of a dict',
      [p.call('builtins', 'getattr', p.global('collections', 'OrderedDict'), p.text('x'))],
    ],
    ['gets a hidden attribute', [p.call('__builtin__', 'getattr', p.global('mine', 'A'), p.text('__init__'))]],
    ['gets an attribute of an object', [p.call('builtins', 'getattr', p.call('mine', 'A'), p.text('x'))]],
    ['names what imports', [p.global('builtins', '__import__')]],
    ['unpickles once more', [p.call('_pickle', 'Unpickler')]],
    ['loads a package', [p.call('torch.package', 'PackageImporter', p.text('x'))]],
  ])('is an attack where it %s', (_, pieces) => {
    expect(() => readWeights(beside(pieces))).toThrow(PickleError);
    expect(() => readWeights(beside(pieces))).toThrow(/Do not trust the file/);
  });

  it.each<[string, p.Piece[], RegExp]>([
    ['calls a function', [p.call('mine', 'run', p.text('x'))], /global "mine\.run".*state_dict\(\) alone/],
    ['calls a function of torch', [p.call('torch', 'load', p.text('x'))], /global "torch\.load"/],
    ['calls a function inside a class', [p.call('mine', 'Config.run')], /global "mine\.Config\.run"/],
    ['is called', [p.call('mine', 'Config'), p.emptyTuple, p.reduce], /global to build from, got an object of mine/],
    ['makes a tensor', [p.call('mine', 'Config'), p.emptyTuple, newObject], /class for opcode 0x81 \(NEWOBJ\)/],
    ['takes a tensor for a class', [p.global('torch', 'FloatStorage'), p.emptyTuple, newObject], /class for opcode/],
    ['takes the state of a class', [p.global('mine', 'Config'), p.emptyDict, p.build], /to set the state of/],
    ['has no arguments', [p.global('mine', 'Config'), p.none, newObject], /tuple of arguments/],
  ])('is refused where it %s', (_, pieces, message) => {
    expect(() => readWeights(beside(pieces))).toThrow(PickleError);
    expect(() => readWeights(beside(pieces))).toThrow(message);
  });

  it('of a name of a megabyte, mentioned often, is refused at the first', () => {
    const often = Array<p.Piece>(1_000).fill(['h', 0, 'h', 1, 0x93, '0']);
    const file = p.archive([p.text('mine'), 'q', 0, p.text(`A${'x'.repeat(1e6)}`), 'q', 1, often]);
    expect(() => readWeights(file)).toThrow(/global "mine\.Ax+"/);
  });

  it('stands for no tensor and no state_dict', () => {
    const object = p.call('mine', 'Config');
    expect(() => readWeights(p.archive([p.dict(p.text('state_dict'), object)]))).toThrow(/global "mine\.Config"/);
    expect(() => readWeights(p.archive([p.dict(p.text('w'), object)]))).toThrow(/global "mine\.Config"/);
  });

  it('does not make memory grow with what it claims', () => {
    const bytes = (...length: number[]) => [0x8e, ...length];
    expect(() => readWeights(beside(bytes(0, 0, 0, 0, 1, 0, 0, 0)))).toThrow(/must have 4294967296 bytes/);
  });
});
