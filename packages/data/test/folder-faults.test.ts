import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ChangedError, LayoutError, openDataset, openSource } from '@resnet/data';
import { FileError } from '@resnet/files';
import { describe, expect, it, vi } from 'vitest';
import { digestIndex } from '../src/digest-index';
import { extractOnce } from '../src/extract';
import { folderSource } from '../src/folder-source';
import { writeHashedJson } from '../src/hashed-json';
import { picture, png, tar, temporaryFolder, writeTree } from './support';

const [red, green, blue] = await Promise.all([png([255, 0, 0]), png([0, 255, 0]), png([0, 0, 255])]);
const pets = { 'train/cat/0.png': red, 'train/dog/0.png': green, 'test/cat/1.png': red, 'test/dog/1.png': green };
const folderOf = async (files = pets) => writeTree(join(await temporaryFolder(), 'pets'), files);
const cacheOf = (root: string) => join(root, '..', 'cache');
const open = (root: string) => openSource(root, { cacheDir: cacheOf(root) });
const labelsOf = async (root: string) => {
  const train = await (await open(root)).read('train');
  return Array.from({ length: train.length }, (_, i) => train.classes[train.label(i)]);
};

describe('links in a folder of images', () => {
  it.each(['..', '.', '../..', '../dog/../..'])('never put a dog among the cats: cat/up -> %s', async (target) => {
    const root = await folderOf();
    await symlink(target, join(root, 'train', 'cat', 'up'));
    expect(await labelsOf(root)).toEqual(['cat', 'dog']);
    expect((await open(root)).skipped).toEqual([
      { path: 'train/cat/up', reason: 'a link to a folder that contains it' },
    ]);
  });

  it('that lead to another class are refused by name', async () => {
    const root = await folderOf();
    await symlink('../dog', join(root, 'train', 'cat', 'more'));
    await expect(open(root)).rejects.toThrow(LayoutError);
    await expect(open(root)).rejects.toThrow(
      /train\/cat\/more\/0\.png in cat.*train\/dog\/0\.png in dog.*Remove the link/,
    );
  });

  it('that make a split another name of a split are followed', async () => {
    const root = await folderOf();
    await symlink('test', join(root, 'val'));
    expect((await open(root)).splits.toSorted()).toEqual(['test', 'train', 'val']);
  });

  it('that lead to nothing or in a circle, and names that are not UTF-8, are left out and told', async () => {
    const root = await folderOf();
    await symlink('/nowhere/0.png', join(root, 'train', 'cat', 'gone.png'));
    await symlink('loop.png', join(root, 'train', 'cat', 'loop.png'));
    writeFileSync(Buffer.concat([Buffer.from(`${root}/train/cat/`), Buffer.from([0xe9, 0x2e, 0x70, 0x6e, 0x67])]), red);
    const { skipped } = await open(root);
    expect(skipped.map(({ path, reason }) => `${path}: ${reason}`).toSorted()).toEqual([
      'train/cat/gone.png: a link to nothing',
      'train/cat/loop.png: a link in a circle',
      'train/cat/\ufffd.png: a name that is not UTF-8',
    ]);
    expect(await labelsOf(root)).toEqual(['cat', 'dog']);
  });

  it('to their own root end at once', async () => {
    const root = await folderOf();
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']) await symlink('.', join(root, name));
    expect(await labelsOf(root)).toEqual(['cat', 'dog']);
  });
});

describe('what is no regular file', () => {
  it.each([
    ['a pipe for an archive', async (path: string) => promisify(execFile)('mkfifo', [path])],
    ['a link to a device', async (path: string) => symlink('/dev/zero', path)],
  ])('is refused at once: %s', async (_, make) => {
    const path = join(await temporaryFolder(), 'x.tar');
    await make(path);
    await expect(openSource(path, { cacheDir: join(path, '..', 'cache') })).rejects.toThrow(FileError);
  });

  it('is left out of a folder: a pipe among the images', async () => {
    const root = await folderOf();
    await promisify(execFile)('mkfifo', [join(root, 'train', 'cat', 'pipe.png')]);
    expect(await labelsOf(root)).toEqual(['cat', 'dog']);
  });
});

describe('the identity of a folder of images', () => {
  const fingerprint = async (root: string) => (await (await open(root)).read('train')).fingerprint!();

  it('is that of its images: notes beside them, a new place and a new name change nothing', async () => {
    const root = await folderOf();
    const before = await fingerprint(root);
    await writeFile(join(root, 'notes.txt'), 'mine');
    await writeFile(join(root, 'train', 'labels.bin'), 'mine');
    // 3 GB, of which not a byte is on the disk: more than Node reads at once.
    await writeFile(join(root, 'train', 'huge.txt'), '');
    await truncate(join(root, 'train', 'huge.txt'), 3 * 2 ** 30);
    expect(await fingerprint(root)).toBe(before);
    const moved = join(dirname(root), 'elsewhere');
    await rename(root, moved);
    expect(await fingerprint(moved)).toBe(before);
    await writeFile(join(moved, 'train', 'cat', '0.png'), blue);
    expect(await fingerprint(moved)).not.toBe(before);
  });

  /** Of several sizes, so that they stay files. */
  const ofSizes = async (): Promise<Record<string, Buffer>> => ({
    'train/cat/0.png': await picture(20, 20, 1).png().toBuffer(),
    'train/cat/1.png': await picture(30, 20, 2).png().toBuffer(),
    'train/dog/0.png': await picture(20, 30, 3).png().toBuffer(),
    'test/cat/0.png': await picture(20, 20, 4).png().toBuffer(),
    'test/dog/0.png': await picture(20, 20, 5).png().toBuffer(),
  });

  it('of images that stay files is that of their content too, not of their names, places and lengths', async () => {
    const files = await ofSizes();
    const root = await writeTree(join(await temporaryFolder(), 'pets'), files);
    const before = await fingerprint(root);
    const archive = join(dirname(root), 'pets.tar');
    await writeFile(archive, tar(Object.entries(files).map(([name, bytes]) => ({ name, bytes }))));
    expect(await fingerprint(archive)).toBe(before);
    const moved = join(dirname(root), 'elsewhere');
    await rename(root, moved);
    await rename(join(moved, 'train/cat/0.png'), join(moved, 'train/cat/00.png'));
    await writeFile(join(moved, 'notes.txt'), 'mine');
    await writeFile(join(moved, 'test/cat/0.png'), files['test/dog/0.png']!);
    expect(await fingerprint(moved)).toBe(before);
    // Another image of the same length.
    const other = Buffer.from(files['train/dog/0.png']!);
    other[other.length - 20]! ^= 1;
    await writeFile(join(moved, 'train/dog/0.png'), other);
    expect(await fingerprint(moved)).not.toBe(before);
  });

  it('is the same in an archive', async () => {
    const root = await folderOf();
    const archive = join(dirname(root), 'pets.tar');
    await writeFile(archive, tar(Object.entries(pets).map(([name, bytes]) => ({ name, bytes }))));
    expect(await fingerprint(archive)).toBe(await fingerprint(root));
  });
});

describe('images that change while they are read', () => {
  /** Changes an image as soon as its folder was hashed, before it is decoded. */
  const opening = (root: string, change: () => void) => {
    let hashed = false;
    return openSource(root, {
      cacheDir: cacheOf(root),
      onProgress: ({ step, done, total }) => {
        if (step !== 'hash' || done < total || hashed) return;
        hashed = true;
        change();
      },
    });
  };

  it('are refused, and no pack is kept under the name of either', async () => {
    const root = await folderOf();
    const path = join(root, 'train', 'dog', '0.png');
    const change = () => writeFileSync(path, blue);
    await expect(opening(root, change)).rejects.toThrow(ChangedError);
    expect(await readdir(cacheOf(root)).catch(() => [])).toEqual([]);
    const train = await (await open(root)).read('train');
    expect([...(await train.read(1)).image.data.subarray(0, 3)]).toEqual([0, 0, 255]);
  });

  it('are refused in an archive that is replaced between its hash and its listing', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'x.tar');
    const archiveOf = (pixels: Buffer) =>
      tar(Object.entries({ ...pets, 'train/dog/0.png': pixels }).map(([name, bytes]) => ({ name, bytes })));
    await writeFile(path, archiveOf(green));
    const { archiveSource } = await import('../src/archive-source');
    const source = archiveSource(path);
    await source.key([]);
    await writeFile(path, archiveOf(blue));
    await expect(source.list()).rejects.toMatchObject({ name: 'ChangedError' });
    await expect(
      source
        .read(() => true)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({ name: 'ChangedError' });
  });
});

describe('digests of a folder', () => {
  it('are kept, and made again of what changed only', async () => {
    const root = await folderOf();
    const cache = cacheOf(root);
    const long = new Date(Date.now() - 60_000);
    const index = await digestIndex(root, cache);
    const first = await index.digest('train/cat/0.png');
    await index.store();
    // So young, a file may change within a tick of the clock and look the same: not kept.
    expect(await readdir(cache).catch(() => [])).toEqual([]);
    await utimes(join(root, 'train/cat/0.png'), long, long);
    expect(statSync(join(root, 'train/cat/0.png')).mtimeMs).toBeLessThan(Date.now() - 50_000);
    expect(await (await digestIndex(root, cache)).digest('train/cat/0.png')).toBe(first);
  });

  it('are taken from what was kept, but for the files that changed', async () => {
    const root = await folderOf();
    const cache = cacheOf(root);
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000);
    const index = await digestIndex(root, cache);
    for (const name of Object.keys(pets)) await index.digest(name);
    await index.store();
    const [file] = await readdir(cache);
    const entries = JSON.parse(readFileSync(join(cache, file!), 'utf8').split('\n')[1]!);
    // Digests that no file has: whichever comes back was not hashed again.
    await writeHashedJson(
      join(cache, file!),
      entries.map(([name, state]: [string, unknown]) => [name, state, `kept of ${name}`]),
    );
    await writeFile(join(root, 'train/dog/0.png'), blue);
    const again = await digestIndex(root, cache);
    now.mockRestore();
    expect(await again.digest('train/cat/0.png')).toBe('kept of train/cat/0.png');
    expect(await again.digest('train/dog/0.png')).toBe(hash('sha256', blue));
  });

  it('of a folder are hashes of names and bytes, by hand', async () => {
    const root = await writeTree(await temporaryFolder(), { b: 'b', a: 'a' });
    const { createHash } = await import('node:crypto');
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(await folderSource(root).key(['b', 'a'])).toBe(
      sha(
        JSON.stringify([
          ['a', sha('a')],
          ['b', sha('b')],
        ]),
      ),
    );
  });
});

describe('an extraction whose folder others remove', () => {
  it('fails, and is not declared whole', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'x.files');
    const names = ['cat/0.png', 'dog/0.png', 'dog/1.png'];
    const source = {
      kind: 'archive' as const,
      path: 'x.tar',
      key: async () => '',
      digests: null,
      list: async () => ({ files: names, folders: [], skipped: [], realPath: null }),
      read: async function* () {
        for (const [i, path] of names.entries()) {
          // Swept by a process of another container that takes ours for dead.
          if (i === 2)
            for (const name of await readdir(folder)) await promisify(execFile)('rm', ['-r', join(folder, name)]);
          yield { path, bytes: red };
        }
      },
    };
    await expect(extractOnce(source, target, names)).rejects.toMatchObject({ name: 'CacheError' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a cache that another user shares', () => {
  // What is another's, in a folder with the sticky bit, cannot be removed. Needs root to play two users.
  it.skipIf(process.getuid?.() !== 0)('is used, whatever lies there that cannot be removed', async () => {
    const root = await folderOf();
    const cache = cacheOf(root);
    await mkdir(cache);
    const left = 'x.pack.4999999-00000000-00000000-00000000.tmp';
    await writeFile(join(cache, left), 'theirs');
    const yesterday = new Date(Date.now() - 2 * 86_400_000);
    await utimes(join(cache, left), yesterday, yesterday);
    await promisify(execFile)('chmod', ['1777', cache]);
    await promisify(execFile)('chmod', ['-R', 'a+rX', dirname(root)]);
    const script = `import { openDataset } from '@resnet/data'; process.setuid(65534);
      console.log((await openDataset(${JSON.stringify(root)}, { cacheDir: ${JSON.stringify(cache)} })).length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toBe('2\n');
    expect(readFileSync(join(cache, left), 'utf8')).toBe('theirs');
    expect((await readdir(cache)).map((name) => basename(name))).toContain(left);
  });
});

it('a data set is opened as before', async () => {
  expect((await openDataset(await folderOf(), { cacheDir: await temporaryFolder() })).length).toBe(2);
});
