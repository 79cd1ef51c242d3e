import { mpiFamilies } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { run } from './run';

const lines = (stdout: string): string[] => stdout.trim().split('\n');

describe.each(mpiFamilies)('a world by $family ($hint)', ({ family, missing }) => {
  describe.skipIf(missing)('', () => {
    it.each([1, 2, 3, 4])('sums, shares and gathers with %i processes', async (size) => {
      const { code, stdout, stderr } = await run(family, size, 'world');
      expect({ code, stderr: stderr.includes('rank') }).toEqual({ code: 0, stderr: false });
      const told = lines(stdout).map((line) => JSON.parse(line));
      expect(told.map(({ rank }) => rank).sort()).toEqual(Array.from({ length: size }, (_, rank) => rank));
      const ranks = (size * (size - 1)) / 2;
      for (const one of told) {
        expect(one).toMatchObject({ size, members: size, family, told: 7, shared2: { name: 'Zürich' } });
        const expected = [0, 1, 2, 3, 4, 5].map((i) => (ranks + size) * 10 ** -i);
        one.edges.forEach(([first, last]: [number, number], i: number) => {
          expect(first).toBeCloseTo(expected[i]!, 5);
          expect(last).toBe(first);
        });
        expect(one.again).toEqual([ranks, size]);
        expect(one.shared).toEqual([ranks + size, ranks + size]);
        expect(one.now[0]).toBeCloseTo(0.1 * size, 14);
        expect(one.now[1]).toBe(ranks);
        expect(one.sum).toEqual([ranks, 2 * size]);
        expect(one.gathered).toEqual(Array.from({ length: size }, (_, rank) => 'x'.repeat(rank)));
      }
    });

    it.each([2, 3, 4])('sums to the same bits in all of %i processes and in every run', async (size) => {
      const runs = [await run(family, size, 'bits'), await run(family, size, 'bits')];
      const hashes = runs.flatMap(({ stdout }) => lines(stdout));
      expect(hashes).toHaveLength(2 * size);
      expect(new Set(hashes).size).toBe(1);
    });
  });
});
