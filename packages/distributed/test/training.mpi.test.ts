import { fileURLToPath } from 'node:url';
import { loadGolden, mpiFamilies } from '@resnet/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from './run';

interface Told {
  rank: number;
  losses: number[];
  reports: string[];
  weights: string;
}

describe.each(mpiFamilies)('training by $family ($hint)', ({ family, missing }) => {
  const trained = async (size: number, options: object): Promise<Told[]> => {
    const { code, stdout, stderr } = await run(family, size, 'train', [JSON.stringify(options)]);
    if (code !== 0) throw new Error(stderr);
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"rank"'));
    return lines.map((line) => JSON.parse(line) as Told);
  };

  describe.skipIf(missing).each(['simd', 'cpu'])('on %s', (backend) => {
    // 12 images: 3 ranks have 4 each; 5 have 2 or 3.
    const options = { backend, steps: 50, batch: 12, together: true };
    let alone: Told;
    beforeAll(async () => {
      [alone] = (await trained(1, options)) as [Told];
    });

    it.each([2, 3, 4, 5])(
      '%i processes with statistics of all have the losses of one, and equal weights',
      async (size) => {
        const all = await trained(size, options);
        expect(all).toHaveLength(size);
        expect(new Set(all.map(({ weights }) => weights)).size).toBe(1);
        for (const { losses, reports } of all) {
          expect(losses).toHaveLength(50);
          expect(Math.max(...losses.map((loss, i) => Math.abs(loss - alone.losses[i]!)))).toBeLessThan(1e-5);
          if (backend === 'simd') expect(reports).toEqual(['recorded']);
        }
      },
    );

    it('gives the same bits in every run', async () => {
      const each = { ...options, steps: 10, together: false };
      const [once, again] = [await trained(3, each), await trained(3, each)];
      expect(new Set([...once, ...again].map(({ weights }) => weights)).size).toBe(1);
    });

    it('with fewer images than processes, counts each image once', async () => {
      const few = { ...options, batch: 3, steps: 10 };
      const [one] = (await trained(1, few)) as [Told];
      for (const { losses } of await trained(4, few)) {
        expect(Math.max(...losses.map((loss, i) => Math.abs(loss - one.losses[i]!)))).toBeLessThan(1e-5);
      }
    });
  });

  describe.skipIf(missing)('over a run that PyTorch recorded', () => {
    const name = 'trajectory-resnet8-B';
    const golden = fileURLToPath(new URL(`../../testing/golden/${name}.safetensors`, import.meta.url));

    it.each([2, 4])('%i processes have its losses', async (size) => {
      const expected = loadGolden(name).tensor('losses').dataSync();
      for (const { losses } of await trained(size, { backend: 'simd', together: true, golden })) {
        for (const [i, loss] of losses.entries()) {
          expect(Math.abs(loss - expected[i]!) / expected[i]!).toBeLessThan(1e-4);
        }
      }
    });
  });
});
