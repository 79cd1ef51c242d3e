import { startDashboard } from '@resnet/dashboard';
import { describe, expect, it } from 'vitest';
import { firefoxPath, launchFirefox } from '../../../tools/firefox';
import { emptyFolder, makeRun } from './made-runs';

describe.runIf(firefoxPath)('in Firefox', () => {
  it('opens, draws and follows', async () => {
    const root = emptyFolder();
    makeRun(root, 'a', { steps: 500, validateEvery: 100 });
    const dashboard = await startDashboard({ directory: root, port: 0, interval: 100 });
    const page = await launchFirefox();
    try {
      await page.open(dashboard.url);
      // Ink that is neither transparent nor of the grid: a line of the palette's first color, #4269d0.
      const inkOf = `(() => {
        const canvas = document.querySelector('.chart canvas');
        if (!canvas) return 0;
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let ink = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i] === 0x42 && data[i + 1] === 0x69 && data[i + 2] === 0xd0 && data[i + 3] > 99) ink++;
        return ink;
      })()`;
      await expect.poll(() => page.evaluate(inkOf), { timeout: 30_000 }).toBeGreaterThan(100);
      expect(await page.evaluate(`document.querySelectorAll('.chart canvas').length`)).toBe(4);
      makeRun(root, 'b', { steps: 10 });
      await expect
        .poll(() => page.evaluate(`document.querySelectorAll('.runs tbody tr').length`), { timeout: 30_000 })
        .toBe(2);
      expect(page.complaints).toEqual([]);
    } finally {
      await page.close();
      await dashboard.close();
    }
  }, 120_000);
});
