import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('learns to tell stripes apart', () => {
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
  const output = execFileSync(process.execPath, [main], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [, share] = /([\d.]+) % of new stripes/.exec(output)!;
  expect(Number(share)).toBeGreaterThanOrEqual(90);
});
