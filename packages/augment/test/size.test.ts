import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

it('is 8 kB at most, compressed, the bridge included', () => {
  const dist = new URL('../dist/', import.meta.url);
  const scripts = readdirSync(dist).filter((name) => name.endsWith('.js'));
  const sizes = scripts.map((name) => gzipSync(readFileSync(new URL(name, dist))).length);
  expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(8000);
});
