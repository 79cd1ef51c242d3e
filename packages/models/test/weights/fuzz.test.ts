import { readFileSync } from 'node:fs';
import { readWeights, WeightFileError } from '@resnet/models';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { archiveOf } from './pickle';

const fixture = (name: string) => Uint8Array.from(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));
const legacy = fixture('legacy-checkpoint.th');
const files = unzipSync(fixture('zip-checkpoint.pth'));
const name = Object.keys(files).find((path) => path.endsWith('data.pkl'))!;
const pickle = files[name]!;

/** Changes of single bytes, behind the ones that say which format it is. */
const changes = (length: number) =>
  fc.array(fc.tuple(fc.integer({ min: 15, max: length - 1 }), fc.nat(255)), { minLength: 1, maxLength: 5 });

const changed = (bytes: Uint8Array, edits: readonly (readonly [number, number])[]): Uint8Array => {
  const result = bytes.slice();
  for (const [at, value] of edits) result[at] = value;
  return result;
};

/** Reading either gives tensors no larger than the file explains, or throws the reader's own error. */
const isRead = (bytes: Uint8Array): boolean => {
  try {
    const weights = readWeights(bytes);
    for (const { data } of weights.values()) expect(data.byteLength).toBeLessThan(4 * bytes.byteLength);
    return true;
  } catch (error) {
    if (error instanceof WeightFileError) return false;
    throw error;
  }
};

describe('readWeights', () => {
  it('throws only its own errors for damaged legacy files', () => {
    expect(isRead(legacy)).toBe(true);
    fc.assert(
      fc.property(changes(legacy.length), (edits) => void isRead(changed(legacy, edits))),
      { numRuns: 3_000 },
    );
  });

  it('throws only its own errors for damaged pickles in sound archives', () => {
    fc.assert(
      fc.property(changes(pickle.length), (edits) => {
        isRead(archiveOf({ ...files, [name]: changed(pickle, edits) }));
      }),
      { numRuns: 3_000 },
    );
  });
});
