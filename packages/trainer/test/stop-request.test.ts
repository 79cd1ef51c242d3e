import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onStopRequest, requestStop, runPaths } from '@resnet/trainer/node';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let folder: string;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  folder = mkdtempSync(join(tmpdir(), 'stop-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

it('stops once a run is asked to, and takes the request away', async () => {
  const stop = vi.fn();
  await onStopRequest(folder, stop);
  vi.advanceTimersByTime(10_000);
  expect(stop).not.toHaveBeenCalled();
  await requestStop(folder);
  vi.advanceTimersByTime(10_000);
  expect(stop).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(existsSync(runPaths(folder).stopRequest)).toBe(false));
});

it('drops a request from before, and hears none after its release', async () => {
  const stop = vi.fn();
  await requestStop(folder);
  const release = await onStopRequest(folder, stop);
  vi.advanceTimersByTime(10_000);
  release();
  await requestStop(folder);
  vi.advanceTimersByTime(10_000);
  expect(stop).not.toHaveBeenCalled();
});
