import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FreeList } from '../../src/simd/free-list';

describe('free pieces', () => {
  it('are cut from the smallest that has room', () => {
    const list = new FreeList();
    list.give(0, 256);
    list.give(1024, 128);
    expect(list.take(64)).toBe(1024);
    expect(list.take(64)).toBe(1088);
    expect(list.take(64)).toBe(0);
    expect(list.take(256)).toBeUndefined();
  });

  it('are joined with both neighbors', () => {
    const list = new FreeList();
    list.give(0, 64);
    list.give(128, 64);
    list.give(64, 64);
    expect(list.takeAll()).toEqual([{ start: 0, size: 192 }]);
    expect(list.take(64)).toBeUndefined();
  });

  it('at an end are found by it', () => {
    const list = new FreeList();
    list.give(64, 64);
    expect(list.takeLast(64)).toBe(64);
    expect(list.takeLast(128)).toBe(64);
    expect(list.take(64)).toBeUndefined();
  });

  it('never overlap, and make the whole again once all are back', () => {
    const steps = fc.array(fc.record({ size: fc.integer({ min: 1, max: 40 }), which: fc.nat() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        const list = new FreeList();
        list.give(0, 1000);
        const owner = new Array<number>(1000).fill(0);
        const taken: { start: number; size: number }[] = [];
        for (const [i, { size, which }] of all.entries()) {
          if (which % 3 === 0 && taken.length > 0) {
            const [{ start, size }] = taken.splice(which % taken.length, 1) as [{ start: number; size: number }];
            owner.fill(0, start, start + size);
            list.give(start, size);
            continue;
          }
          const start = list.take(size);
          if (start === undefined) continue;
          expect(owner.slice(start, start + size).every((value) => value === 0)).toBe(true);
          owner.fill(i + 1, start, start + size);
          taken.push({ start, size });
        }
        for (const { start, size } of taken) list.give(start, size);
        expect(list.takeAll()).toEqual([{ start: 0, size: 1000 }]);
      }),
    );
  });
});
