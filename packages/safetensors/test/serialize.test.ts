import {
  parseSafetensors,
  type SafeTensor,
  SafetensorsError,
  serializeSafetensors,
  toFloat32,
} from '@resnet/safetensors';
import { describe, expect, it } from 'vitest';

const vector = (...values: number[]): SafeTensor => ({
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
});

const headerOf = (bytes: Uint8Array): string => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return new TextDecoder().decode(bytes.subarray(8, 8 + length));
};

describe('serializeSafetensors', () => {
  it('writes these bytes', () => {
    const bytes = serializeSafetensors({ w: vector(1) }, { format: 'pt' });
    const header = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(headerOf(bytes)).toBe(header.padEnd(Math.ceil(header.length / 8) * 8));
    expect([...bytes.subarray(-4)]).toEqual([0, 0, 0x80, 0x3f]); // 1.0, little-endian
  });

  it('puts the widest dtype first, then sorts by name, like the reference', () => {
    const byte: SafeTensor = { dtype: 'U8', shape: [1], data: Uint8Array.of(1) };
    const step: SafeTensor = { dtype: 'I64', shape: [], data: BigInt64Array.of(-1n) };
    const bytes = serializeSafetensors({ a: byte, c: vector(1), b: vector(2), z: step });
    expect(
      headerOf(bytes)
        .match(/"[abcz]"/g)
        ?.join(''),
    ).toBe('"z""b""c""a"');
    expect(parseSafetensors(bytes).tensors.get('z')).toEqual(step);
  });

  it('gives the same bytes whatever the order', () => {
    const [a, b] = [vector(1), vector(2, 3)];
    expect(serializeSafetensors({ a, b })).toEqual(
      serializeSafetensors(
        new Map([
          ['b', b],
          ['a', a],
        ]),
      ),
    );
  });

  it('aligns every tensor, so that reading copies none', () => {
    const bytes = serializeSafetensors({
      odd: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      long: vector(1, 2),
    });
    for (const { data } of parseSafetensors(bytes).tensors.values()) expect(data.buffer).toBe(bytes.buffer);
  });

  it('writes a view, not the buffer behind it', () => {
    const data = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
    expect(parseSafetensors(serializeSafetensors({ a: { dtype: 'F32', shape: [2], data } })).tensors.get('a')).toEqual(
      vector(1, 2),
    );
  });

  it('keeps names that look like integers', () => {
    const tensors = new Map([
      ['a', vector(1)],
      ['1', vector(2)],
    ]);
    expect(parseSafetensors(serializeSafetensors(tensors)).tensors).toEqual(tensors);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['the reserved name', { __metadata__: vector(1) }, /reserved name/],
    ['a prototype', Object.fromEntries([['__proto__', vector(1)]]), /"__proto__" has a reserved name/],
    ['a shape that does not fit', { a: { ...vector(1), shape: [2] } }, /as many elements as \[2\] says, got 1/],
    ['a negative size', { a: { ...vector(1), shape: [-1, -1] } }, /as many elements/],
    ['data of another type', { a: { ...vector(1), dtype: 'F64' } }, /data for F64, got Float32Array/],
    ['an unknown dtype', { a: { ...vector(1), dtype: 'F33' } }, /must have one of .*, got F33/],
  ])('rejects %s', (_, tensors, message) => {
    const write = () => serializeSafetensors(tensors as Record<string, SafeTensor>);
    expect(write).toThrow(SafetensorsError);
    expect(write).toThrow(message);
  });

  it('rejects __proto__ in the metadata', () => {
    expect(() => serializeSafetensors({}, JSON.parse('{"__proto__":"x"}'))).toThrow(
      /metadata must not be called __proto__/,
    );
  });

  it('rejects metadata that is no string', () => {
    expect(() => serializeSafetensors({}, { step: 1 } as unknown as Record<string, string>)).toThrow(
      /"step" must be a string/,
    );
  });
});

describe('toFloat32', () => {
  it('returns float32 as it is', () => {
    const tensor = vector(1, 2);
    expect(toFloat32(tensor)).toBe(tensor.data);
  });

  // Bit patterns from IEEE 754 by hand: 1.5, -2, the largest, the smallest subnormal, infinity.
  it('decodes F16', () => {
    const data = Uint16Array.of(0x3e00, 0xc000, 0x7bff, 0x0001, 0x7c00);
    expect([...toFloat32({ dtype: 'F16', shape: [5], data })]).toEqual([1.5, -2, 65504, 2 ** -24, Infinity]);
    expect(toFloat32({ dtype: 'F16', shape: [1], data: Uint16Array.of(0x7e00) })[0]).toBeNaN();
    expect(Object.is(toFloat32({ dtype: 'F16', shape: [1], data: Uint16Array.of(0x8000) })[0], -0)).toBe(true);
  });

  it('decodes BF16, F64 and integers', () => {
    expect([...toFloat32({ dtype: 'BF16', shape: [2], data: Uint16Array.of(0x3fc0, 0xc000) })]).toEqual([1.5, -2]);
    expect([...toFloat32({ dtype: 'F64', shape: [1], data: Float64Array.of(0.25) })]).toEqual([0.25]);
    expect([...toFloat32({ dtype: 'I64', shape: [2], data: BigInt64Array.of(-3n, 2n ** 40n) })]).toEqual([-3, 2 ** 40]);
    expect([...toFloat32({ dtype: 'BOOL', shape: [1], data: Uint8Array.of(1) })]).toEqual([1]);
  });

  it('says that it does not decode F8', () => {
    expect(() => toFloat32({ dtype: 'F8_E4M3', shape: [1], data: Uint8Array.of(1) })).toThrow(SafetensorsError);
  });
});
