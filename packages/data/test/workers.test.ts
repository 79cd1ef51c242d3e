import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import {
  type BatchOptions,
  BrokenImageError,
  batches,
  type Dataset,
  openDataset,
  shapes10,
  splitDataset,
  WorkerError,
} from '@resnet/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gather, png, temporaryFolder, writeTree } from './support';

const dataset = shapes10({ length: 100 });
const options: BatchOptions = {
  batchSize: 16,
  seed: 7,
  epoch: 3,
  augment: 'cifar',
  normalize: { mean: [0.5, 0.4, 0.3] },
};

/** Threads and their ports that keep this process alive. */
const threads = () => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length;

/** Twelve files of three classes and two sizes, image 5 broken. */
async function files(): Promise<Dataset> {
  const root = await temporaryFolder();
  const tree: Record<string, Buffer> = {};
  for (let i = 0; i < 12; i++) tree[`${'abc'[i % 3]}/${i + 10}.png`] = await png([i, 2 * i, 3 * i], 8 + (i % 2), 9);
  await writeTree(root, tree);
  const found = await openDataset(root, { cacheDir: join(root, '.cache') });
  await writeFile(join(root, 'b/14.png'), 'broken since');
  return found;
}

const crop = { module: '@resnet/augment', export: 'randomCrop', options: { size: 6 } };

describe('workers', () => {
  it.each([1, 3])('%i of them give the very bytes that none gives, from any batch on', async (workers) => {
    const alone = await gather(batches(dataset, options));
    expect(await gather(batches(dataset, { ...options, workers }))).toEqual(alone);
    expect(await gather(batches(dataset, { ...options, workers, firstBatch: 4, prefetch: 1 }))).toEqual(alone.slice(4));
  });

  it('do so for parts of a data set', async () => {
    const { validation } = splitDataset(dataset, { validation: 40 });
    const alone = await gather(batches(validation, options));
    expect(await gather(batches(validation, { ...options, workers: 2 }))).toEqual(alone);
  });

  it.each([0, 1, 3])(
    '(%i) decode files, leave broken ones out and keep the other images as they are',
    async (workers) => {
      const told: string[] = [];
      const found = await gather(
        batches(await files(), {
          batchSize: 4,
          augment: crop,
          workers,
          shuffle: false,
          onBrokenImage: ({ file }) => told.push(file.slice(-8)),
        }),
      );
      expect(told).toEqual(['b/14.png']);
      expect(found.map(({ images }) => images.shape)).toEqual([
        [4, 6, 6, 3],
        [3, 6, 6, 3],
        [4, 6, 6, 3],
      ]);
      // Sorted by path: a/10 13 16 19, b/11 (14) 17 20, c/12 15 18 21, each of bytes i, 2i, 3i where i is the name less 10.
      const names = found.flatMap(({ images }) =>
        Array.from({ length: images.shape[0] }, (_, i) => Math.round(255 * images.data[i * 108]!) + 10),
      );
      expect(names).toEqual([10, 13, 16, 19, 11, 17, 20, 12, 15, 18, 21]);
      expect(found.map(({ labels }) => [...labels])).toEqual([
        [0, 0, 0, 0],
        [1, 1, 1],
        [2, 2, 2, 2],
      ]);
    },
  );

  it.each([0, 2])('(%i) stop at a broken image unless told otherwise', async (workers) => {
    const reading = gather(batches(await files(), { batchSize: 4, augment: crop, workers }));
    await expect(reading).rejects.toThrow(BrokenImageError);
    await expect(reading).rejects.toThrow(/b\/14\.png/);
    expect(threads()).toBe(0);
  });

  it('skip a batch of nothing but broken images', async () => {
    const found = await gather(
      batches(await files(), { batchSize: 1, augment: crop, workers: 1, onBrokenImage: 'skip' }),
    );
    expect(found.length).toBe(11);
    // The broken one's place stays empty, so that whoever resumes after a batch names the right one.
    const places = found.map(({ index }) => index);
    expect(places).toHaveLength(new Set(places).size);
    const [missing] = Array.from({ length: 12 }, (_, i) => i).filter((i) => !places.includes(i));
    const rest = batches(await files(), { batchSize: 1, augment: crop, firstBatch: missing, onBrokenImage: 'skip' });
    expect(await gather(rest)).toEqual(found.filter(({ index }) => index > missing!));
  });

  it('take an augmentation from a module', async () => {
    const module = new URL('./fixtures/augmentations.mjs', import.meta.url).href;
    const plain = await gather(batches(dataset, { batchSize: 50, shuffle: false }));
    const brighter = await gather(
      batches(dataset, {
        batchSize: 50,
        shuffle: false,
        workers: 1,
        augment: { module, export: 'brighten', options: { by: 0 } },
      }),
    );
    expect(brighter).toEqual(plain);
    const wrong = batches(dataset, { batchSize: 50, workers: 1, augment: { module, export: 'darken' } });
    await expect(gather(wrong)).rejects.toThrow(/has no darken/);
  });

  it('read the packed images where they lie: a change here is seen there', async () => {
    const own = shapes10({ length: 20 });
    const iterator = batches(own, { batchSize: 10, shuffle: false, workers: 1, prefetch: 0 })[Symbol.asyncIterator]();
    await iterator.next();
    own.readSync!(15).image.data.fill(51);
    const { value } = await iterator.next();
    expect(new Set(value!.images.data.subarray(5 * 3072, 6 * 3072))).toEqual(new Set([Math.fround(0.2)]));
    await iterator.return?.();
  });

  it('are gone after the last batch, and where the loop is left early', async () => {
    await gather(batches(dataset, { ...options, workers: 2 }));
    expect(threads()).toBe(0);
    for await (const _ of batches(dataset, { ...options, workers: 3 })) break;
    expect(threads()).toBe(0);
  });

  it('that idle do not keep the process alive', async () => {
    const code = `
      import { batches, shapes10 } from '@resnet/data';
      const iterator = batches(shapes10({ length: 64 }), { batchSize: 4, workers: 2 })[Symbol.asyncIterator]();
      console.log((await iterator.next()).value.labels.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
      cwd: import.meta.dirname,
      timeout: 20_000,
    });
    expect(stdout).toBe('4\n');
  });
});

describe('a worker that dies', () => {
  const threads = process.getBuiltinModule('node:worker_threads');
  const Original = threads.Worker;
  const alive: Worker[] = [];
  beforeAll(() => {
    // Lets the test reach the workers.
    threads.Worker = class extends Original {
      constructor(...args: ConstructorParameters<typeof Original>) {
        super(...args);
        alive.push(this);
      }
    };
  });
  afterAll(() => {
    threads.Worker = Original;
  });

  it.each([
    ['one of two', 1, 4],
    ['both', 2, 4],
    ['one while it waits for work', 1, 0],
    ['both while they wait for work', 2, 0],
  ])('ends the batches with an error that says so: %s', async (_, count, prefetch) => {
    const many = shapes10({ length: 4000 });
    const reading = async () => {
      let seen = 0;
      for await (const _ of batches(many, { batchSize: 16, workers: 2, augment: 'cifar', prefetch })) {
        seen += 1;
        if (seen === 3) await Promise.all(alive.splice(0, count).map((worker) => worker.terminate()));
      }
    };
    const failed = await reading().catch((error) => error);
    alive.length = 0;
    expect(failed).toBeInstanceOf(WorkerError);
    expect(failed.message).toMatch(
      /^workers: all 2 threads of makeBatch must live.*Use fewer workers or smaller batches/,
    );
    expect(process.getActiveResourcesInfo().filter((name) => /Worker/.test(name))).toEqual([]);
  });
});
