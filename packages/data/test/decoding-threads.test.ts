import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.doUnmock('node:os');
});

it.each([
  ['4', 8, 16, true],
  ['', 8, 16, true],
  ['16', 8, 16, false],
  ['4', 8, 4, false],
  ['4', 3, 16, false],
])('a pool of %j warns %i workers on %i cores: %s, and once', async (pool, workers, cores, warns) => {
  vi.resetModules();
  vi.stubEnv('UV_THREADPOOL_SIZE', pool);
  vi.doMock('node:os', () => ({ availableParallelism: () => cores }));
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { warnOfFewDecodingThreads } = await import('../src/decoding-threads');
  warnOfFewDecodingThreads(workers);
  warnOfFewDecodingThreads(workers);
  expect(warn.mock.calls.length).toBe(warns ? 1 : 0);
  if (warns) expect(warn.mock.calls[0]![0]).toMatch(/8 workers decode with the 4 threads.*UV_THREADPOOL_SIZE=16/);
});
