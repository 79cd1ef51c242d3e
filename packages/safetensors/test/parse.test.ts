import { readFileSync } from 'node:fs';
import { parseSafetensors, SafetensorsError } from '@resnet/safetensors';
import { describe, expect, it } from 'vitest';
import { file, fileOf } from './file';

const f32 = (shape: unknown, data_offsets: unknown) => ({ dtype: 'F32', shape, data_offsets });
const empty = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
const encode = (text: string) => new TextEncoder().encode(text);

describe('parseSafetensors', () => {
  it('reads what the format says, byte by byte', () => {
    const bytes = file('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"__metadata__":{"k":"v"}}', 2);
    bytes.set([7, 9], bytes.length - 2);
    const { tensors, metadata } = parseSafetensors(bytes);
    expect(tensors).toEqual(new Map([['a', { dtype: 'U8', shape: [2], data: Uint8Array.of(7, 9) }]]));
    expect(metadata).toEqual({ k: 'v' });
  });

  it('reads a file another program wrote', () => {
    const golden = new URL('../../testing/golden/block-basic-plain.safetensors', import.meta.url);
    const { tensors } = parseSafetensors(readFileSync(golden));
    expect(tensors.get('x')?.dtype).toBe('F32');
    expect(tensors.get('init.conv1.weight')?.shape).toHaveLength(4);
  });

  it('reads unaligned data, scalars, empty tensors and an empty file', () => {
    const header =
      '{"s":{"dtype":"F32","shape":[],"data_offsets":[1,5]},"b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"e":{"dtype":"I64","shape":[3,0],"data_offsets":[5,5]}}';
    const bytes = file(header, 5);
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, 1.5, true);
    const { tensors } = parseSafetensors(bytes);
    expect(tensors.get('s')).toEqual({ dtype: 'F32', shape: [], data: Float32Array.of(1.5) });
    expect(tensors.get('e')).toEqual({ dtype: 'I64', shape: [3, 0], data: new BigInt64Array(0) });
    expect(parseSafetensors(file('{}')).tensors.size).toBe(0);
    expect(parseSafetensors(file('{ \n} \t ')).tensors.size).toBe(0);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("reads a Buffer, as Node's files are, %i bytes behind a whole vector", (shift) => {
    const bytes = file('{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}', 8);
    new DataView(bytes.buffer).setFloat64(bytes.length - 8, 0.1, true);
    const buffer = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
    expect(parseSafetensors(buffer).tensors.get('a')?.data).toEqual(Float64Array.of(0.1));
  });

  it('takes constructor and escapes for names like any other', () => {
    const { tensors, metadata } = parseSafetensors(
      file(`{"constructor":${empty},"\\u00e9\\n\\"":${empty},"__metadata__":{"constructor":"x"}}`),
    );
    expect([...tensors.keys()]).toEqual(['constructor', 'é\n"']);
    expect(metadata).toEqual({ constructor: 'x' });
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(0), /at least 8 bytes, got 0/],
    ['half a length', new Uint8Array(7), /at least 8 bytes, got 7/],
    ['a length past the end', fileOf(encode('{}'), 3n), /at most 2 bytes here, got 3/],
    ['a length of 2^64 - 1', fileOf(encode('{}'), 2n ** 64n - 1n), /got 18446744073709551615/],
    ['bytes that are not UTF-8', fileOf(Uint8Array.of(0x7b, 0xff, 0x7d), 3n), /UTF-8/],
    ['no header', fileOf(new Uint8Array(0), 0n), /start with '\{'/],
    ['leading space', file(' {}'), /start with '\{'/],
    ['a byte-order mark', file('\ufeff{}'), /start with '\{'/],
    ['an array', file('[]'), /start with '\{'/],
    ['text after the end', file('{}x'), /nothing more at character 2/],
    ['an unclosed object', file('{"a":'), /the end/],
    ['an unclosed string', file('{"a'), /got the end/],
    ['a wrong escape', file('{"\\x":1}'), /well-formed string/],
    ['half a surrogate pair', file('{"\\ud800":1}'), /well-formed string/],
    ['a line break in a string', file('{"a\n":1}'), /well-formed string/],
    ['a trailing comma', file('{"a":{},}'), /'"'/],
    ['duplicate names', file(`{"a":{},"a":{}}`), /"a" is/],
    ['duplicate names, one escaped', file(`{"a":{},"\\u0061":{}}`), /"a" is/],
    ['duplicate fields', file('{"a":{"dtype":"F32","dtype":"U8"}}'), /"dtype" is/],
    ['duplicate metadata', file('{"__metadata__":{"k":"v","k":"v"}}'), /"k" is/],
    ['a tensor called __proto__', file(`{"__proto__":${empty}}`), /a key other than __proto__ at character 1,/],
    ['__proto__, escaped', file(`{"\\u005f_proto__":${empty}}`), /other than __proto__/],
    ['__proto__ for a field', file('{"a":{"__proto__":{}}}'), /other than __proto__/],
    ['__proto__ in the metadata', file('{"__metadata__":{"__proto__":"x"}}'), /other than __proto__/],
    ['deep nesting', file(`{"a":${'['.repeat(100_000)}`), /deeper nesting/],
    ['null', file('{"a":null}'), /non-negative integer/],
    ['a tensor that is no object', file({ a: 1 }), /tensor "a" must be an object, got 1/],
    ['metadata that is no object', file({ __metadata__: 'x' }), /__metadata__ must be an object/],
    ['metadata that is no string', file({ __metadata__: { a: 1 } }), /be a string, got 1/],
    ['an unknown dtype', file({ a: { ...f32([1], [0, 4]), dtype: 'F33' } }, 4), /known dtype, got "F33"/],
    ['an inherited dtype', file({ a: { ...f32([1], [0, 4]), dtype: 'constructor' } }, 4), /known dtype/],
    ['an unknown field', file({ a: { ...f32([1], [0, 4]), x: 1 } }, 4), /only, got "x"/],
    ['a missing field', file({ a: { dtype: 'F32', shape: [1] } }, 4), /data_offsets must be a list/],
    ['one offset', file({ a: f32([0], [0]) }), /two data_offsets/],
    ['three offsets', file({ a: f32([1], [0, 4, 4]) }, 4), /two data_offsets/],
    ['65 axes', file({ a: f32(Array(65).fill(1), [0, 4]) }, 4), /at most 64 axes, got 65/],
    ['a negative size', file({ a: f32([-1], [0, 4]) }, 4), /non-negative integer/],
    ['a fraction', file({ a: f32([1.5], [0, 6]) }, 6), /non-negative integer/],
    ['a whole number written as a fraction', file('{"a":{"shape":[1.0]}}'), /non-negative integer/],
    ['an exponent', file('{"a":{"shape":[1e2]}}'), /non-negative integer/],
    ['a leading zero', file('{"a":{"shape":[01]}}'), /non-negative integer/],
    ['2^53', file(`{"a":{"shape":[${2 ** 53}]}}`), /below 2\^53/],
    ['a number of a thousand digits', file(`{"a":{"shape":[${'9'.repeat(1000)}]}}`), /below 2\^53/],
    ['a size that is a string', file({ a: f32(['1'], [0, 4]) }, 4), /list of integers/],
    ['a product over 2^53', file({ a: f32([2 ** 27, 2 ** 27], [0, 4]) }, 4), /fewer than 2\^53/],
    ['a product that would wrap round 2^64', file({ a: f32([2 ** 32, 2 ** 32], [0, 0]) }), /fewer than 2\^53/],
    ['a size larger than the span', file({ a: f32([2], [0, 4]) }, 4), /span 8 bytes/],
    ['an end before the begin', file({ a: f32([1], [4, 0]) }, 4), /span 4 bytes/],
    ['offsets past the end', file({ a: f32([2], [0, 8]) }, 4), /cover all 4 bytes of data, got 8/],
    ['bytes that no tensor covers', file({ a: f32([1], [0, 4]) }, 8), /cover all 8 bytes of data, got 4/],
    ['a gap', file({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12), /"b" must begin at byte 4, got 8/],
    ['an overlap', file({ a: f32([2], [0, 8]), b: f32([1], [4, 8]) }, 8), /"b" must begin at byte 8, got 4/],
    ['twice the same bytes', file({ a: f32([1], [0, 4]), b: f32([1], [0, 4]) }, 4), /must begin at byte 4, got 0/],
  ])('rejects %s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => parseSafetensors(bytes)).toThrow(message);
  });
});
