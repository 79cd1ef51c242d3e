import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'resnet-cli-threads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const watch = join(folder, 'watch.cjs');
writeFileSync(watch, `process.on('exit', () => process.stderr.write('pool ' + process.env.UV_THREADPOOL_SIZE));`);

const poolOf = (size?: string) => {
  const { UV_THREADPOOL_SIZE: _, ...env } = process.env;
  const bin = fileURLToPath(new URL('../bin/resnet.js', import.meta.url));
  const options = { encoding: 'utf8', env: { ...env, ...(size && { UV_THREADPOOL_SIZE: size }) } } as const;
  return spawnSync(process.execPath, ['--require', watch, bin, '--version'], options).stderr;
};

it('libuv decodes with a thread a core, unless told otherwise', () => {
  expect(poolOf()).toBe(`pool ${Math.max(4, availableParallelism() + 2)}`);
  expect(poolOf('3')).toBe('pool 3');
});
