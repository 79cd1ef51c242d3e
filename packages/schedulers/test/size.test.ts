import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

it('is 3 kB at most, compressed', () => {
  const bundle = readFileSync(new URL('../dist/index.js', import.meta.url));
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(3000);
});
