import {
  AugmentError,
  applyPlan,
  type Image,
  imagenet,
  isPlanned,
  normalize,
  normalizer,
  randomFlip,
  resizeTaps,
  shiftColors,
  shiftInto,
  toFloats,
} from '@resnet/augment';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from './golden';

const bytes: Image & { readonly data: Uint8Array } = {
  data: Uint8Array.from({ length: 20 * 30 * 3 }, (_, i) => (i * i) % 256),
  height: 20,
  width: 30,
  channels: 3,
};

describe('an augmentation that draws a plan', () => {
  it('does to an image what it draws from its size', () => {
    const augment = imagenet({ size: 9, shorter: [9, 14] });
    if (!isPlanned(augment)) throw new Error('imagenet must draw a plan');
    for (let seed = 0; seed < 10; seed++) {
      const plan = augment.plan({ height: 20, width: 30 }, seeded(seed));
      expect(applyPlan(bytes, plan)).toEqual(augment(bytes, seeded(seed)));
    }
  });

  it('is not what does more, or works on pixels', () => {
    expect(isPlanned(imagenet({ statistics: { mean: [0, 0, 0] } }))).toBe(false);
    expect(isPlanned(randomFlip())).toBe(false);
  });
});

describe('shiftInto', () => {
  const shift = [0.1, -0.2, 0.003];
  const perChannel = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const perPixel = { mean: Float32Array.from(bytes.data, (_, i) => (i % 97) / 97) };

  it.each([
    ['channel statistics', shift, perChannel],
    ['channel statistics, no shift', null, perChannel],
    ['a per-pixel mean', shift, perPixel],
    ['a per-pixel mean, no shift', null, perPixel],
  ])('is shiftColors, then normalize, to the bit: %s', (_, drawn, statistics) => {
    const out = new Float32Array(bytes.data.length + 10).fill(9);
    shiftInto(bytes, drawn, normalizer(statistics), out, 5);
    const expected = normalize(drawn ? shiftColors(toFloats(bytes), drawn) : bytes, statistics);
    expect([...out.subarray(5, -5)]).toEqual([...expected.data]);
    expect([...out.subarray(0, 5), ...out.subarray(-5)]).toEqual(Array(10).fill(9));
  });

  it('refuses statistics of another shape', () => {
    const out = new Float32Array(bytes.data.length);
    expect(() => shiftInto(bytes, null, normalizer({ mean: [0, 0] }), out, 0)).toThrow(AugmentError);
  });
});

it('resizeTaps stay inside, rise, and weigh 1 in all', () => {
  const side = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(side, side, (input, output) => {
      const { count, starts, weights } = resizeTaps(input, output, 0, output);
      starts.forEach((start, i) => {
        expect(start).toBeGreaterThanOrEqual(i === 0 ? 0 : starts[i - 1]!);
        expect(start + count).toBeLessThanOrEqual(input);
        const sum = weights.subarray(i * count, (i + 1) * count).reduce((total, weight) => total + weight, 0);
        expect(sum).toBeCloseTo(1, 5);
      });
    }),
  );
});
