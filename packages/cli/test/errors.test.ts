import { mkdtempSync, writeFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residualRatios } from '@resnet/analysis';
import { useBackend } from '@resnet/backend';
import { decodeImage, openSource } from '@resnet/data';
import { createModel } from '@resnet/models';
import { readWeightsFile } from '@resnet/models/node';
import { multistep } from '@resnet/schedulers';
import { createRun } from '@resnet/trainer/node';
import { describe, expect, it } from 'vitest';
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
  it('has a next move where JavaScript only names a size', async () => {
    const told = messageOf(await errorOf(() => new Float32Array(1e15)));
    expect(told).toMatch(/^memory: must hold what was asked for, got '.+'\. Reduce the batch/); // engines word it differently
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
