import {
  bytesPerElement,
  type Dtype,
  parseSafetensors,
  type SafeTensor,
  SafetensorsError,
  serializeSafetensors,
} from '@resnet/safetensors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { file } from './file';

const floats = fc
  .array(fc.float(), { maxLength: 20 })
  .map((values): SafeTensor => ({ dtype: 'F32', shape: [values.length], data: Float32Array.from(values) }));
const bytes = fc
  .uint8Array({ maxLength: 20 })
  .map((data): SafeTensor => ({ dtype: 'U8', shape: [1, data.length], data }));
const longs = fc
  .bigInt64Array({ maxLength: 5 })
  .map((data): SafeTensor => ({ dtype: 'I64', shape: [data.length, 1], data }));
const key = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => text !== '__proto__');
const name = key.filter((text) => text !== '__metadata__');
const tensors = fc
  .array(fc.tuple(name, fc.oneof(floats, bytes, longs)), { maxLength: 6 })
  .map((entries) => new Map(entries));

/** Parsing either succeeds or throws the package's own error; anything else fails the property. */
const outcome = (input: Uint8Array): 'parsed' | 'rejected' => {
  try {
    parseSafetensors(input);
    return 'parsed';
  } catch (error) {
    if (error instanceof SafetensorsError) return 'rejected';
    throw error;
  }
};

describe('parse and serialize', () => {
  it('return what was written, names and bits', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(key, fc.string()), (written, metadata) => {
        const read = parseSafetensors(serializeSafetensors(written, metadata));
        expect(read.tensors.size).toBe(written.size);
        for (const [key, tensor] of written) expect(read.tensors.get(key)).toEqual(tensor);
        expect(read.metadata).toEqual({ ...metadata });
      }),
      { numRuns: 500 },
    );
  });

  it('throws only its own error for a file with a changed byte in the header', () => {
    const golden = serializeSafetensors(
      {
        a: { dtype: 'F32', shape: [2, 2], data: new Float32Array(4) },
        b: { dtype: 'U8', shape: [], data: new Uint8Array(1) },
      },
      { format: 'pt' },
    );
    fc.assert(
      fc.property(fc.nat(golden.length - 1), fc.nat(255), fc.nat(golden.length), (at, byte, length) => {
        const changed = golden.slice();
        changed[at] = byte;
        outcome(changed);
        if (length < golden.length) expect(outcome(golden.subarray(0, length))).toBe('rejected');
      }),
      { numRuns: 5_000 },
    );
  });

  it('accepts a generated header exactly if its tensors cover the data', () => {
    const small = fc.nat(6);
    const entry = fc.record({
      dtype: fc.constantFrom<Dtype>('F32', 'U8', 'I64'),
      shape: fc.array(small, { maxLength: 3 }),
      data_offsets: fc.tuple(small, small),
    });
    const header = fc.dictionary(fc.constantFrom('a', 'b', 'c'), entry, { maxKeys: 3, noNullPrototype: true });
    fc.assert(
      fc.property(header, fc.nat(16), (json, size) => {
        const owners = new Array<number>(size).fill(0);
        const fits = Object.values(json).every(({ dtype, shape, data_offsets: [begin, end] }) => {
          const count = shape.reduce((product, side) => product * side, 1) * bytesPerElement(dtype);
          for (let at = begin; at < Math.min(end, size); at++) owners[at]!++;
          return end - begin === count && end <= size;
        });
        // An empty tensor inside another one overlaps nothing; the reference rejects it by its order of offsets.
        const empty = Object.values(json).some(({ data_offsets: [begin, end] }) => begin === end);
        const covers = fits && owners.every((count) => count === 1);
        if (!covers || !empty) expect(outcome(file(json, size))).toBe(covers ? 'parsed' : 'rejected');
      }),
      { numRuns: 5_000 },
    );
  });
});
