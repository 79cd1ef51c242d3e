import fc from 'fast-check';
import { expect, it } from 'vitest';
import { placeValues } from '../../src/webgpu/recording/place';

const span = fc
  .record({ bytes: fc.integer({ min: 4, max: 10_000 }), first: fc.nat(30), length: fc.nat(10) })
  .map(({ bytes, first, length }) => ({ bytes, first, last: first + length }));

it('gives no two values that are needed at the same time one buffer, and each enough room', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 40 }), (spans) => {
      const placed = [...placeValues(spans, { take: (bytes) => ({ size: bytes }) as GPUBuffer })];
      expect(placed.length).toBe(spans.length);
      for (const [value, buffer] of placed) expect(buffer.size).toBeGreaterThanOrEqual(value.bytes);
      for (const [a, one] of placed) {
        for (const [b, other] of placed)
          if (a !== b && one === other) expect(a.last < b.first || b.last < a.first).toBe(true);
      }
    }),
  );
});

it('reuses a buffer that is free, and the smallest that fits', () => {
  const made: number[] = [];
  const take = (bytes: number) => {
    made.push(bytes);
    return { size: bytes } as GPUBuffer;
  };
  const values = [
    { bytes: 100, first: 0, last: 1 },
    { bytes: 80, first: 0, last: 1 },
    { bytes: 80, first: 2, last: 3 },
    { bytes: 90, first: 2, last: 3 },
  ];
  const placed = placeValues(values, { take });
  expect(made).toEqual([100, 80]);
  expect(placed.get(values[3]!)!.size).toBe(100);
  expect(placed.get(values[2]!)!.size).toBe(80);
});
