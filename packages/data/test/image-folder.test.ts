import { spawnSync } from 'node:child_process';
import { cp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrokenImageError, CacheError, LayoutError, NotFoundError, openDataset, openSource } from '@resnet/data';
import { temporaryName } from '@resnet/files';
import { describe, expect, it } from 'vitest';
import { filesBelow, png, tarGz, temporaryFolder, writeTree } from './support';

const red = await png([255, 0, 0]);
const green = await png([0, 255, 0]);
const blue = await png([0, 0, 255], 6, 5);
const firstPixel = (data: ArrayLike<number>) => [data[0], data[1], data[2]];

describe('class folders', () => {
  it('become classes sorted by name, images sorted by path, splits by folder', async () => {
    const root = await writeTree(await temporaryFolder(), {
      'set/train/b/2.png': red,
      'set/train/b/10.png': green,
      'set/train/a/0.png': green,
      'set/val/a/0.png': red,
      'set/val/b/0.png': red,
      'set/train/b/notes.txt': 'ignored',
      'set/train/.hidden/0.png': red,
      'set/._train': 'ignored',
    });
    const source = await openSource(root, { cacheDir: join(root, '.cache') });
    expect(source).toMatchObject({ kind: 'images', classes: ['a', 'b'], splits: ['train', 'val'] });
    const train = await source.read('train');
    expect([train.length, train.shape]).toEqual([3, [4, 4, 3]]);
    expect([0, 1, 2].map((i) => train.label(i))).toEqual([0, 1, 1]);
    const { image, label } = await train.read(1);
    expect([label, ...firstPixel(image.data)]).toEqual([1, 0, 255, 0]);
    expect((await source.read('val')).length).toBe(2);
    await expect(source.read('test')).rejects.toThrow(/split must be train or val, got test/);
  });

  it('without split folders are all training images', async () => {
    const root = await writeTree(await temporaryFolder(), { 'a/0.png': red, 'b/0.png': green });
    const source = await openSource(root, { cacheDir: join(root, '.cache') });
    expect([source.classes, source.splits]).toEqual([['a', 'b'], ['train']]);
  });

  it('may be called train, as one of CIFAR-100 is', async () => {
    const root = await writeTree(await temporaryFolder(), { 'tractor/0.png': red, 'train/0.png': green });
    expect((await openSource(root, { cacheDir: join(root, '.cache') })).classes).toEqual(['tractor', 'train']);
  });

  it.each<[string, Record<string, string | Buffer>, RegExp]>([
    [
      'a class of one split that the other lacks',
      { 'train/a/0.png': red, 'train/b/0.png': red, 'test/a/0.png': red },
      /in test, got none in b/,
    ],
    [
      'another folder beside train',
      { 'train/a/0.png': red, 'train/b/0.png': red, 'extra/a/0.png': red },
      /got extra\/a\/0\.png/,
    ],
    ['an image outside a class', { 'a/0.png': red, '1.png': red }, /got 1\.png/],
    ['no image at all', { 'a/readme.md': 'x' }, /got no image/],
  ])('with %s are refused', async (_, files, message) => {
    const root = await writeTree(await temporaryFolder(), files);
    const opening = openDataset(root, { cacheDir: join(root, '.cache') });
    await expect(opening).rejects.toThrow(LayoutError);
    await expect(opening).rejects.toThrow(message);
  });

  it('nowhere to be found are told from the names that are known', async () => {
    await expect(openDataset('/no/such/folder')).rejects.toThrow(NotFoundError);
    const cacheDir = await temporaryFolder();
    await expect(openDataset('cifar10', { cacheDir })).rejects.toThrow(/resnet data download cifar10.*by hand/);
  });
});

describe('the pack', () => {
  it('is named by content: moved or gzipped anew it is found, changed it is made again', async () => {
    const folder = await temporaryFolder();
    const cacheDir = join(folder, 'cache');
    const root = await writeTree(join(folder, 'one'), { 'a/0.png': red, 'b/0.png': green });
    const first = await openSource(root, { cacheDir });
    expect(await filesBelow(cacheDir)).toEqual([first.cached!.slice(cacheDir.length + 1)]);
    await cp(root, join(folder, 'two'), { recursive: true });
    expect((await openSource(join(folder, 'two'), { cacheDir })).cached).toBe(first.cached);
    await writeFile(join(root, 'a/0.png'), green);
    const changed = await openSource(root, { cacheDir });
    expect(changed.cached).not.toBe(first.cached);
    expect(firstPixel((await (await changed.read('train')).read(0)).image.data)).toEqual([0, 255, 0]);
  });

  it('is found again where the cache lies inside the folder', async () => {
    const root = await writeTree(await temporaryFolder(), { 'train/a/0.png': red, 'train/b/0.png': green });
    const first = await openSource(root, { cacheDir: join(root, 'cache') });
    expect((await openSource(root, { cacheDir: join(root, 'cache') })).cached).toBe(first.cached);
  });

  it('is read, not decoded, the second time', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'x.tar.gz'),
      tarGz([
        { name: 'a/0.png', bytes: red },
        { name: 'b/0.png', bytes: green },
      ]),
    );
    const seen: number[] = [];
    const options = { cacheDir: join(folder, 'cache'), onProgress: ({ done }: { done: number }) => seen.push(done) };
    const first = await openDataset(join(folder, 'x.tar.gz'), options);
    expect(seen).toEqual([2]);
    const second = await openDataset(join(folder, 'x.tar.gz'), options);
    expect(seen).toEqual([2]);
    expect((await second.read(1)).image.data).toEqual((await first.read(1)).image.data);
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['with a flipped bit', (bytes: Buffer) => bytes.fill(bytes.at(-1)! ^ 1, bytes.length - 1)],
    ['that is another file', () => Buffer.from('hello')],
  ])('%s is made again', async (_, damage) => {
    const root = await writeTree(await temporaryFolder(), { 'a/0.png': red, 'b/0.png': green });
    const options = { cacheDir: join(root, '.cache') };
    const { cached } = await openSource(root, options);
    const whole = await readFile(cached!);
    await writeFile(cached!, damage(Buffer.from(whole)));
    const dataset = await openDataset(root, options).catch(() => openDataset(root, options));
    expect(firstPixel((await dataset.read(1)).image.data)).toEqual([0, 255, 0]);
    expect((await readFile(cached!)).equals(whole)).toBe(true);
  });

  it('that cannot be kept says where another place is chosen', async () => {
    const root = await writeTree(await temporaryFolder(), { 'a/0.png': red, 'b/0.png': green, 'no-folder': '' });
    const opening = openDataset(root, { cacheDir: join(root, 'no-folder') });
    await expect(opening).rejects.toThrow(CacheError);
    await expect(opening).rejects.toThrow(/no-folder.*must be writable, got E.*set RESNET_CACHE to another folder/);
  });

  it('sweeps up what a killed import left a day ago, and nothing younger', async () => {
    const root = await writeTree(await temporaryFolder(), { 'a/0.png': red, 'b/0.png': green });
    const cacheDir = join(root, '.cache');
    // Of another machine, which cannot be asked.
    const [old, young] = ['old.pack', 'new.pack'].map((name) =>
      temporaryName(name).replace(/-[0-9a-f]{8}-/, '-00000000-'),
    );
    await writeTree(cacheDir, { [old!]: 'half', [young!]: 'half' });
    const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(join(cacheDir, old!), yesterday, yesterday);
    const { cached } = await openSource(root, { cacheDir });
    expect(await filesBelow(cacheDir)).toEqual([cached!.slice(cacheDir.length + 1), young].sort());
  });

  it('sweeps up at once what a process left that is dead on this host', async () => {
    const root = await writeTree(await temporaryFolder(), { 'a/0.png': red, 'b/0.png': green });
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const mine = temporaryName('x.pack');
    const its = mine.replace(`.${process.pid}-`, `.${dead}-`);
    const elsewhere = its.replace(/-[0-9a-f]{8}-/, '-00000000-');
    const cacheDir = join(root, '.cache');
    await writeTree(cacheDir, {
      [mine]: '',
      [its]: '',
      [elsewhere]: '',
      [`${its.replace('pack', 'files')}/a/0.png`]: '',
    });
    const { cached } = await openSource(root, { cacheDir });
    expect(await filesBelow(cacheDir)).toEqual([cached!.slice(cacheDir.length + 1), mine, elsewhere].sort());
  });
});

describe('a broken image', () => {
  const tree = { 'a/0.png': red, 'a/1.png': 'not an image', 'b/0.png': green };

  it('ends the import, named, and leaves no pack', async () => {
    const root = await writeTree(await temporaryFolder(), tree);
    await expect(openDataset(root, { cacheDir: join(root, '.cache') })).rejects.toMatchObject({
      name: 'BrokenImageError',
      file: 'a/1.png',
    });
    expect(await filesBelow(root)).toEqual(Object.keys(tree));
  });

  it('is left out and told where asked', async () => {
    const root = await writeTree(await temporaryFolder(), tree);
    const told: string[] = [];
    const dataset = await openDataset(root, {
      cacheDir: join(root, '.cache'),
      onBrokenImage: ({ file }: BrokenImageError) => told.push(file),
    });
    expect(told).toEqual(['a/1.png']);
    expect([dataset.length, dataset.label(1)]).toEqual([2, 1]);
    expect(firstPixel((await dataset.read(1)).image.data)).toEqual([0, 255, 0]);
  });
});

describe('images of varying size', () => {
  const files = { 'a/0.png': red, 'b/0.png': blue };

  it('stay files of their folder', async () => {
    const root = await writeTree(await temporaryFolder(), files);
    const source = await openSource(root, { cacheDir: join(root, '.cache') });
    const dataset = await source.read('train');
    expect([dataset.shape, source.cached]).toEqual([null, null]);
    expect((await dataset.read(1)).image).toMatchObject({ height: 6, width: 5, channels: 3 });
    expect(await filesBelow(root)).toEqual(['a/0.png', 'b/0.png']);
  });

  it('found late, beyond the first few, do not stop the import', async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a/${i + 10}.png`, red]));
    const root = await writeTree(await temporaryFolder(), { ...many, 'b/99.png': blue });
    expect((await openDataset(root, { cacheDir: join(root, '.cache') })).shape).toBeNull();
  });

  it('and sets above maxPackedBytes are not packed', async () => {
    const root = await writeTree(await temporaryFolder(), { 'a/0.png': red, 'b/0.png': red });
    const bytes = 2 * 4 * 4 * 3;
    const options = { cacheDir: join(root, '.cache') };
    expect((await openDataset(root, { ...options, maxPackedBytes: bytes - 1 })).shape).toBeNull();
    expect((await openDataset(root, { ...options, maxPackedBytes: bytes })).shape).toEqual([4, 4, 3]);
  });

  it('that are gone, with their folder say, are no broken images to be skipped', async () => {
    const root = await writeTree(await temporaryFolder(), files);
    const dataset = await openDataset(root, { cacheDir: join(root, '.cache') });
    await rm(root, { recursive: true });
    await expect(dataset.read(1)).rejects.toThrow(NotFoundError);
    await expect(dataset.read(1)).rejects.toThrow(
      /b\/0\.png: must still be there.*ENOENT.*Put the data back, then resume/,
    );
  });

  it('name the file that breaks later', async () => {
    const root = await writeTree(await temporaryFolder(), files);
    const dataset = await openDataset(root, { cacheDir: join(root, '.cache') });
    await rm(join(root, 'b/0.png'));
    await writeFile(join(root, 'b/0.png'), 'gone bad');
    await expect(dataset.read(1)).rejects.toMatchObject({ name: 'BrokenImageError', file: join(root, 'b/0.png') });
  });
});
