import { readFileSync } from 'node:fs';
import { PickleError, readWeights, WeightFileError } from '@resnet/models';
import { SafetensorsError, serializeSafetensors, toFloat32 } from '@resnet/safetensors';
import { describe, expect, it } from 'vitest';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

/** What PyTorch says is in every file. */
const expected: Record<string, { dtype: string; shape: number[]; values: number[] }> = JSON.parse(
  new TextDecoder().decode(fixture('expected.json')),
);

const numbers = (weights: ReturnType<typeof readWeights>, name: string) => {
  const tensor = weights.get(name)!;
  const exact = tensor.dtype === 'F64' || tensor.dtype.startsWith('I');
  return {
    dtype: tensor.dtype,
    shape: tensor.shape,
    values: Array.from(exact ? tensor.data : toFloat32(tensor), Number),
  };
};

describe('readWeights', () => {
  it.each([
    ['zip.pth', ''],
    ['zip-protocol-4.pth', ''],
    ['zip-checkpoint.pth', 'module.'],
    ['deflated.pth', ''],
    ['legacy.th', ''],
    ['legacy-checkpoint.th', 'module.'],
  ])('reads every dtype, view and stride of %s as PyTorch does', (file, prefix) => {
    const weights = readWeights(fixture(file));
    expect([...weights.keys()]).toEqual(Object.keys(expected).map((name) => prefix + name));
    for (const [name, tensor] of Object.entries(expected)) expect(numbers(weights, prefix + name)).toEqual(tensor);
  });

  it('reads safetensors', () => {
    const w = { dtype: 'F32', shape: [1], data: Float32Array.of(3) } as const;
    expect(readWeights(serializeSafetensors({ w: { ...w, shape: [1] } }))).toEqual(new Map([['w', w]]));
  });

  it('reads from the middle of a larger buffer', () => {
    const content = fixture('legacy.th');
    const padded = new Uint8Array(content.length + 3);
    padded.set(content, 3);
    expect(numbers(readWeights(padded.subarray(3)), 'f64')).toEqual(expected.f64);
  });

  it('refuses a whole pickled module and names its class', () => {
    const read = () => readWeights(fixture('whole-module.pth'));
    expect(read).toThrow(PickleError);
    expect(read).toThrow(/global "torch\.nn\.modules\.linear\.Linear".*state_dict\(\)/);
  });

  it('says what a file is not', () => {
    expect(() => readWeights(new Uint8Array(0))).toThrow(WeightFileError);
    expect(() => readWeights(new TextEncoder().encode('<!DOCTYPE html>'))).toThrow(/begin with "3c 21 44 4f/);
    expect(() => readWeights(serializeSafetensors({}).subarray(0, 9))).toThrow(SafetensorsError);
  });

  it.each(['zip.pth', 'legacy.th', 'deflated.pth'])('detects %s cut off at any byte', (file) => {
    const content = fixture(file);
    for (let length = 0; length < content.length; length++) {
      expect(() => readWeights(content.subarray(0, length)), `${length} bytes`).toThrow(WeightFileError);
    }
  });

  it('detects any flipped bit in what the archive holds', () => {
    const content = fixture('zip.pth');
    const at = Buffer.from(content).indexOf(Buffer.from(Float32Array.of(0, 1 / 8, 2 / 8).buffer)); // the shared storage
    for (let bit = 0; bit < 24 * 32; bit++) {
      const damaged = content.slice();
      damaged[at + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(() => readWeights(damaged)).toThrow(/checksum/);
    }
  });
});
