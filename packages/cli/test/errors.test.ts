import fs, { mkdtempSync, writeFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residualRatios } from '@resnet/analysis';
import { useBackend } from '@resnet/backend';
import { decodeImage, openSource } from '@resnet/data';
import { createModel } from '@resnet/models';
import { readWeightsFile } from '@resnet/models/node';
import { multistep } from '@resnet/schedulers';
import { createRun } from '@resnet/trainer/node';
import { describe, expect, it, vi } from 'vitest';
import { exitCodeOf, messageOf } from '../src/errors';

const folder = mkdtempSync(join(tmpdir(), 'resnet-cli-'));
const text = join(folder, 'text');
const nothing = join(folder, 'nothing');
writeFileSync(text, 'no image, no weights');

const errorOf = async (action: () => unknown): Promise<unknown> => {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
};

describe('the exit code', () => {
  it.each<[string, () => unknown]>([
    ['an unknown model', () => createModel('resnte20')],
    ['an impossible depth', () => createModel('resnet21')],
    ['an unknown backend', () => useBackend('smid')],
    ['milestones that fall', () => multistep({ base: 0.1, milestones: [10, 8] })],
    ['data that are not there', () => openSource(nothing)],
    ['a split that is not there', async () => (await openSource('shapes10')).read('valid')],
    ['an analysis of another network', () => residualRatios(createModel('plain8', { zeros: true }), [])],
    ['a folder that holds something', () => createRun(folder, {})],
    ['a file that is not there', () => readFile(nothing)],
    ['a folder for a file', () => readFile(folder)],
    ['a file for a folder', () => readFile(join(text, 'inside'))],
    ['a file in a folder that is not there', () => writeFile(join(nothing, 'file'), '')],
  ])('is 2 for %s', async (_, action) => {
    expect(exitCodeOf(await errorOf(action))).toBe(2);
  });

  it.each<[string, () => unknown]>([
    ['weights of another format', () => readWeightsFile(text)],
    ['a broken image', async () => decodeImage(await readFile(text), text)],
    ['anything else', () => Promise.reject(new Error('no'))],
  ])('is 1 for %s', async (_, action) => {
    expect(exitCodeOf(await errorOf(action))).toBe(1);
  });
});

describe('the message', () => {
  it('speaks of threads where the system gives no more', () => {
    // As Node words it where pthread_create fails.
    const error = Object.assign(new Error('Worker initialization failure: EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
    expect(messageOf(error)).toMatch(/^threads: .*EAGAIN.*ulimit -u.*--threads/);
  });

  it('speaks of open files where that is why a module is not found', () => {
    const error = Object.assign(new Error("Cannot find module 'x'"), { code: 'ERR_MODULE_NOT_FOUND' });
    expect(messageOf(error)).toBe("Cannot find module 'x'");
    const open = vi.spyOn(fs, 'opendirSync').mockImplementation(() => {
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    });
    syncBuiltinESMExports();
    const told = messageOf(error);
    open.mockRestore();
    syncBuiltinESMExports();
    expect(told).toMatch(/^files: .*EMFILE.*ulimit -n/);
  });

  it('has a move of its own for each error of the system', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    expect(messageOf(full)).toMatch(/ENOSPC.*Make room/);
    expect(messageOf(full)).not.toMatch(/spelling|path that is/);
  });

  it('has a next move where JavaScript only names a size', async () => {
    const told = messageOf(await errorOf(() => new Float32Array(1e15)));
    expect(told).toMatch(/^memory: must suffice for batch and image size, got '.+'\. Reduce one/); // engines word it differently
  });

  it('names a folder that was given for a file', async () => {
    expect(messageOf(await errorOf(() => readWeightsFile(folder)))).toContain(
      `${folder} must be a regular file, got a folder`,
    );
  });

  it("leads with the path where the error is Node's", async () => {
    expect(messageOf(await errorOf(() => readFile(nothing)))).toMatch(/^\S+nothing: must .* got ENOENT.* Check/);
  });

  it('has a next move also where Node names no path', async () => {
    expect(messageOf(await errorOf(() => readFile(folder)))).toMatch(/EISDIR.*It is a folder: name a file/);
  });

  it('names the place that was asked for, not a temporary file', async () => {
    expect(messageOf(await errorOf(() => rename(text, folder)))).toMatch(new RegExp(`^${folder}: must`));
  });
});
