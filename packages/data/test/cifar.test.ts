import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError, ChecksumError, CIFAR10, LabelError, LayoutError, openDataset, openSource } from '@resnet/data';
import { describe, expect, it } from 'vitest';
import { cifarKey } from '../src/cifar';
import { folderSource } from '../src/folder-source';
import { cifarRecord, filesBelow, tarGz, temporaryFolder, writeTree } from './support';

const classes = ['airplane', 'automobile', 'bird'];
const records = (first: number) =>
  Buffer.concat([cifarRecord([first % 3], [first, 0, 1]), cifarRecord([(first + 1) % 3], [first + 1, 0, 1])]);

const cifar10: Record<string, Buffer | string> = {
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`cifar-10-batches-bin/data_batch_${n}.bin`, records(2 * n)])),
  'cifar-10-batches-bin/test_batch.bin': records(100),
  'cifar-10-batches-bin/batches.meta.txt': `${classes.join('\n')}\n\n`,
  'cifar-10-batches-bin/readme.html': 'hello',
};
const cifar100: Record<string, Buffer | string> = {
  'cifar-100-binary/train.bin': Buffer.concat([cifarRecord([1, 2], [9, 8, 7]), cifarRecord([0, 1], [1, 2, 3])]),
  'cifar-100-binary/test.bin': cifarRecord([0, 0], [4, 5, 6]),
  'cifar-100-binary/coarse_label_names.txt': 'fish\ntrees\n',
  'cifar-100-binary/fine_label_names.txt': 'shark\noak\nelm\n',
};
const archiveOf = (files: Record<string, Buffer | string>) =>
  tarGz(Object.entries(files).map(([name, bytes]) => ({ name, bytes: Buffer.from(bytes) })));

describe('CIFAR in its official binary form', () => {
  it.each(['folder', 'archive'])('is read from a %s, channels last', async (form) => {
    const root = await temporaryFolder();
    const path = form === 'folder' ? await writeTree(join(root, 'x'), cifar10) : join(root, 'x.tar.gz');
    if (form === 'archive') await writeFile(path, archiveOf(cifar10));
    const source = await openSource(path, { cacheDir: join(root, 'cache'), verify: false });
    expect(source).toMatchObject({ kind: 'cifar10', classes, splits: ['train', 'test'] });
    const train = await source.read('train');
    expect([train.length, train.shape]).toEqual([10, [32, 32, 3]]);
    // Record 0 of file 2 is image 2: (4, 0, 1), then 7s.
    const { image, label } = await train.read(2);
    expect([label, ...image.data.subarray(0, 6)]).toEqual([1, 4, 0, 1, 7, 7, 7]);
    const again = await openDataset(path, { cacheDir: join(root, 'cache'), verify: false, split: 'test' });
    expect((await again.read(1)).image.data[0]).toBe(101);
  });

  it('has fine and coarse labels in CIFAR-100', async () => {
    const root = await writeTree(await temporaryFolder(), cifar100);
    const options = { cacheDir: join(root, 'cache'), verify: false };
    const fine = await openDataset(root, options);
    expect([fine.classes, fine.label(0), fine.label(1)]).toEqual([['shark', 'oak', 'elm'], 2, 1]);
    const coarse = await openDataset(root, { ...options, labels: 'coarse' });
    expect([coarse.classes, coarse.label(0), coarse.label(1)]).toEqual([['fish', 'trees'], 1, 0]);
    expect([...(await coarse.read(0)).image.data.subarray(0, 3)]).toEqual([9, 8, 7]);
  });

  it('is the official archive where its files are, wherever they lie', async () => {
    const data = Object.entries(cifar10).filter(([path]) => !path.endsWith('.html'));
    const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
    const files = Object.fromEntries(data.map(([path, bytes]) => [path.split('/')[1]!, sha256(bytes)]));
    const format = { ...CIFAR10, files };
    const root = await writeTree(await temporaryFolder(), cifar10);
    const keyOf = (folder: string) => cifarKey(folderSource(folder), format);
    expect(await keyOf(root)).toBe(CIFAR10.sha256);
    expect(await keyOf(join(root, 'cifar-10-batches-bin'))).toBe(CIFAR10.sha256);
    await writeFile(join(root, 'cifar-10-batches-bin/test_batch.bin'), records(101));
    expect(await keyOf(root)).not.toBe(CIFAR10.sha256);
    await rm(join(root, 'cifar-10-batches-bin/test_batch.bin'));
    expect(await keyOf(root)).not.toBe(CIFAR10.sha256);
  });

  it('must be the official one unless told otherwise', async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, 'cifar-10-binary.tar.gz'), archiveOf(cifar10));
    const cacheDir = join(root, 'cache');
    const opening = openDataset(join(root, 'cifar-10-binary.tar.gz'), { cacheDir });
    await expect(opening).rejects.toThrow(ChecksumError);
    await expect(opening).rejects.toThrow(/c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd/);
    const folder = await writeTree(join(root, 'folder'), cifar10);
    await expect(openDataset(folder, { cacheDir })).rejects.toThrow(/must have 10000 images, got 2/);
    expect((await filesBelow(root)).filter((name) => name.startsWith('cache'))).toEqual([]);
  });

  it.each([
    [
      'a label that is no class',
      { 'data_batch_3.bin': cifarRecord([3], [0, 0, 0]) },
      LabelError,
      /below 3.* got 3 at image 4/,
    ],
    [
      'half a record',
      { 'data_batch_3.bin': records(1).subarray(0, 5000) },
      ArchiveError,
      /multiple of 3073 bytes, got 5000/,
    ],
    ['an empty file', { 'data_batch_3.bin': Buffer.alloc(0) }, ArchiveError, /got 0/],
  ])('with %s is refused and leaves no pack', async (_, change, error, message) => {
    const root = await temporaryFolder();
    const changed = Object.entries(change).map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes]);
    await writeTree(root, { ...cifar10, ...Object.fromEntries(changed) });
    const opening = openDataset(root, { cacheDir: join(root, 'cache'), verify: false });
    await expect(opening).rejects.toThrow(error);
    await expect(opening).rejects.toThrow(message);
    expect((await filesBelow(root)).filter((name) => name.startsWith('cache'))).toEqual([]);
  });

  it('without its test file is refused', async () => {
    const root = await temporaryFolder();
    const { 'cifar-10-batches-bin/test_batch.bin': _, ...rest } = cifar10;
    await writeTree(root, rest);
    const opening = openDataset(root, { cacheDir: join(root, 'cache'), verify: false });
    await expect(opening).rejects.toThrow(LayoutError);
    await expect(opening).rejects.toThrow(/must hold test_batch\.bin/);
  });
});
