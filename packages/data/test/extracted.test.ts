import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError, batches, ChecksumError, NotFoundError, openDataset, openSource } from '@resnet/data';
import { describe, expect, it } from 'vitest';
import { extractOnce } from '../src/extract';
import type { Source } from '../src/source';
import { filesBelow, gather, pax, png, tar, tarGz, temporaryFolder, writeTree } from './support';

const red = await png([255, 1, 2]);
const green = await png([1, 255, 2]);
const images = { 'a/0.png': red, 'b/0.png': await png([0, 0, 255], 6, 5) };
const crop = { module: '@resnet/augment', export: 'randomCrop', options: { size: 4 } };

/** An archive of two images of different size, and a way to open it. */
async function archive() {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'x.tar.gz'), tarGz(Object.entries(images).map(([name, bytes]) => ({ name, bytes }))));
  const open = () => openSource(join(folder, 'x.tar.gz'), { cacheDir: join(folder, 'cache') });
  const cached = (await open()).cached!;
  return { open, cached, cacheDir: join(folder, 'cache') };
}

/** The first pixel of every image. */
async function pixels(open: () => ReturnType<typeof openSource>) {
  const dataset = await (await open()).read('train');
  const samples = await Promise.all([dataset.read(0), dataset.read(1)]);
  return samples.map(({ image }) => [...image.data.slice(0, 3)]);
}

const whole = [
  [255, 1, 2],
  [0, 0, 255],
];

describe('an archive of images of varying size', () => {
  it('is unpacked into the cache once, with a manifest', async () => {
    const { open, cached } = await archive();
    expect(await filesBelow(cached)).toEqual(['.manifest', 'a/0.png', 'b/0.png']);
    const { ino } = await stat(cached);
    expect(await pixels(open)).toEqual(whole);
    expect((await stat(cached)).ino).toBe(ino);
  });

  it('may be opened several times at once', async () => {
    const { open, cached, cacheDir } = await archive();
    for (let time = 0; time < 10; time++) {
      await rm(cached, { recursive: true });
      expect(await Promise.all(Array.from({ length: 4 }, () => pixels(open)))).toEqual(Array(4).fill(whole));
    }
    expect(await filesBelow(cacheDir)).toHaveLength(3);
  });

  it.each([0, 1, 2])(
    'is refused where a cached image has changed, and whole the next time (%i workers)',
    async (workers) => {
      const { open, cached } = await archive();
      const dataset = await (await open()).read('train');
      expect(green).toHaveLength(red.length);
      await writeFile(join(cached, 'a/0.png'), green);
      const reading = gather(batches(dataset, { batchSize: 2, augment: crop, workers, onBrokenImage: 'skip' }));
      await expect(reading).rejects.toThrow(ChecksumError);
      await expect(reading).rejects.toThrow(
        `${cached}/a/0.png: must be as it was extracted from its archive, got other bytes. Open the archive again`,
      );
      expect(await pixels(open)).toEqual(whole);
    },
  );

  it.each<[what: string, damage: (cached: string) => Promise<unknown>]>([
    ['an image of it is empty', (cached) => writeFile(join(cached, 'a/0.png'), '')],
    ['an image of it is gone', (cached) => rm(join(cached, 'b/0.png'))],
    ['its manifest is gone', (cached) => rm(join(cached, '.manifest'))],
    ['its manifest is cut short', (cached) => cut(join(cached, '.manifest'))],
    ['a file is in its place', async (cached) => [await rm(cached, { recursive: true }), await writeFile(cached, '')]],
  ])('is unpacked again where %s', async (_, damage) => {
    const { open, cached, cacheDir } = await archive();
    await damage(cached);
    await writeTree(cacheDir, { 'other.pack': '' });
    expect(await pixels(open)).toEqual(whole);
    expect(await filesBelow(cacheDir)).toHaveLength(4);
  });

  it.each([0, 1])('names an image that is gone from the cache, and what helps (%i workers)', async (workers) => {
    const { open, cached } = await archive();
    const dataset = await (await open()).read('train');
    await rm(join(cached, 'a/0.png'));
    const reading = gather(batches(dataset, { batchSize: 2, augment: crop, workers }));
    await expect(reading).rejects.toThrow(NotFoundError);
    await expect(reading).rejects.toThrow(/a\/0\.png: must still be there.*resume the run: it is then extracted again/);
  });
});

describe('an archive whose names do not fit on a disk', () => {
  const long = `a/${'x'.repeat(300)}.png`;
  it.each<[what: string, names: readonly string[], message: RegExp]>([
    [
      'a file is the folder of another',
      ['a/0.png', 'a/0.png/q.png'],
      /both a file a\/0\.png and a\/0\.png\/q\.png below it/,
    ],
    ['a name is too long', ['a/0.png', long], /a part of more than 255 bytes in a\/x{300}\.png/],
    ['a path is too long', ['a/0.png', `a/${`${'y'.repeat(200)}/`.repeat(25)}1.png`], /from the system ENAMETOOLONG/],
  ])('is refused where %s, unless its images are packed', async (_, names, message) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'x.tar');
    const entries = names.map((name) => [
      { name: 'about', type: 'x', bytes: pax({ path: name }) },
      { name: 'short', bytes: red },
    ]);
    await writeFile(path, tar(entries.flat()));
    const opening = openSource(path, { cacheDir: join(folder, 'cache'), maxPackedBytes: 0 });
    await expect(opening).rejects.toThrow(ArchiveError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toThrow(/Rename it and pack the folder again\.$/);
    expect(await filesBelow(folder)).toEqual(['x.tar']);
    expect((await openDataset(path, { cacheDir: join(folder, 'cache') })).length).toBe(2);
  });

  it('is refused where the disk takes two for one, as those that ignore case do', async () => {
    const folder = await temporaryFolder();
    const source: Source = {
      kind: 'archive',
      path: 'x.tar',
      key: async () => '',
      digests: null,
      list: async () => ({ files: [], folders: [], skipped: [], realPath: null }),
      read: async function* () {
        for (const path of ['a/0.png', 'a/0.png']) yield { path, bytes: red };
      },
    };
    const extracting = extractOnce(source, join(folder, 'x.files'), ['a/0.png', 'a/0.PNG']);
    await expect(extracting).rejects.toMatchObject({ name: 'ArchiveError' });
    await expect(extracting).rejects.toThrow(/got a\/0\.png, and from the system EEXIST/);
    expect(await filesBelow(folder)).toEqual([]);
  });
});

async function cut(path: string): Promise<void> {
  await writeFile(path, (await readFile(path)).subarray(0, -1));
}
