import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import {
  ArchiveError,
  BrokenImageError,
  type DataError,
  LayoutError,
  openDataset,
  UnsafeArchiveError,
} from '@resnet/data';
import { describe, expect, it } from 'vitest';
import { filesBelow, pax, png, type TarEntry, tar, tarGz, temporaryFolder } from './support';

const image = await png([1, 2, 3]);
const good: TarEntry[] = [
  { name: 'train/cat/0.png', bytes: image },
  { name: 'train/dog/0.png', bytes: image },
];
const huge = gzipSync(
  Buffer.concat([
    tar([...good, { name: 'zeros', size: 200 << 20 }], { end: false }),
    Buffer.alloc(200 << 20),
    Buffer.alloc(1024),
  ]),
);

type ErrorClass = abstract new (...given: never[]) => DataError;

const zeros = Buffer.concat([
  tar([...good, { name: 'train/cat/1.png', size: 200 << 20 }], { end: false }),
  Buffer.alloc(200 << 20),
  Buffer.alloc(1024),
]);

const attacks: [what: string, archive: Buffer, error: ErrorClass, message: RegExp][] = [
  // 205 kB that become 200 MB: what comes out of the first layer stays below the limit.
  ['gzip twice', gzipSync(gzipSync(zeros)), UnsafeArchiveError, /compressed once more \(gzip\)/],
  ['gzip three times', gzipSync(gzipSync(gzipSync(zeros))), UnsafeArchiveError, /compressed once more \(gzip\)/],
  // Magic bytes by RFC 8878, the format's own documentation for the others.
  ['zstd in gzip', gzipSync(Buffer.from('28b52ffd0458', 'hex')), UnsafeArchiveError, /compressed once more \(zstd\)/],
  ['zstd', Buffer.from('28b52ffd0458', 'hex'), UnsafeArchiveError, /compressed \(zstd\)/],
  ['bzip2', Buffer.from('425a6839314159', 'hex'), UnsafeArchiveError, /compressed \(bzip2\)/],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), UnsafeArchiveError, /compressed \(xz\)/],
  ['zip', Buffer.from('504b030414000000', 'hex'), UnsafeArchiveError, /compressed \(zip\)/],
  ['brotli', brotliCompressSync(tar(good)), ArchiveError, /damaged/],
  ['brotli in gzip', gzipSync(brotliCompressSync(tar(good))), ArchiveError, /damaged/],
  ['a name with ..', tarGz([...good, { name: '../evil.png', bytes: image }]), UnsafeArchiveError, /"\.\.\/evil\.png"/],
  ['.. in the middle', tarGz([...good, { name: 'train/../../evil.png', bytes: image }]), UnsafeArchiveError, /evil/],
  ['an absolute name', tarGz([...good, { name: '/tmp/evil.png', bytes: image }]), UnsafeArchiveError, /absolute name/],
  ['a drive letter', tarGz([...good, { name: 'C:\\evil.png', bytes: image }]), UnsafeArchiveError, /absolute name/],
  [
    'a symbolic link',
    tarGz([...good, { name: 'train/cat/1.png', type: '2', link: '/etc/passwd' }]),
    UnsafeArchiveError,
    /SymbolicLink/,
  ],
  [
    'a hard link',
    tarGz([...good, { name: 'train/cat/1.png', type: '1', link: '/etc/passwd' }]),
    UnsafeArchiveError,
    /a Link/,
  ],
  ['a device', tarGz([...good, { name: 'train/cat/1.png', type: '3' }]), UnsafeArchiveError, /Device/],
  [
    'a sparse file',
    tarGz([...good, { name: 'train/cat/1.png', type: 'S', bytes: image }]),
    ArchiveError,
    /"train\/cat\/1\.png" of type SparseFile with \d+ bytes\. Pack the folder again/,
  ],
  [
    'a type that nobody knows',
    tarGz([...good, { name: 'train/cat/1.png', type: 'Z', bytes: image }]),
    ArchiveError,
    /"train\/cat\/1\.png" of type Unsupported/,
  ],
  [
    'more than 1 MiB about an image',
    tar([
      ...good,
      { name: 'about', type: 'x', bytes: pax({ comment: 'x'.repeat(2 ** 20) }) },
      { name: 'train/cat/1.png', bytes: image },
    ]),
    ArchiveError,
    /"about" of type ExtendedHeader with 10485\d\d bytes/,
  ],
  ['a bomb', huge, UnsafeArchiveError, /must unpack to at most/],
  [
    'one huge file',
    tarGz([...good, { name: 'train/cat/1.png', size: 300 << 20 }]),
    UnsafeArchiveError,
    /at most 268435456 bytes/,
  ],
  ['two files of one name', tarGz([...good, good[0]!]), ArchiveError, /two files have one name/],
  ['a truncated .tar.gz', tarGz(good).subarray(0, -40), ArchiveError, /damaged/],
  ['a .tar cut inside a file', tar(good).subarray(0, 700), ArchiveError, /damaged/],
  ['a .tar cut between files', tar(good, { end: false }), ArchiveError, /end-of-archive/],
  ['a flipped bit in a header', flipped(tar(good), 10), ArchiveError, /damaged/],
  ['a flipped bit in gzip', flipped(tarGz(good), 60), ArchiveError, /damaged/],
  ['an empty file', Buffer.alloc(0), ArchiveError, /damaged/],
  ['a text', Buffer.from('hello '.repeat(200)), ArchiveError, /damaged/],
  ['no image', tarGz([{ name: 'readme.txt', bytes: Buffer.from('hi') }]), LayoutError, /got no image/],
  [
    'a text named .jpg',
    tarGz([...good, { name: 'train/cat/1.jpg', bytes: Buffer.from('hello') }]),
    BrokenImageError,
    /train\/cat\/1\.jpg/,
  ],
  ['a class without images', tarGz([...good, { name: 'train/emu/', type: '5' }]), LayoutError, /none in emu/],
];

describe('an archive with', () => {
  it.each(attacks)('%s is refused by a typed error and leaves nothing behind', async (_, archive, error, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'data.tar'), archive);
    const opening = openDataset(join(folder, 'data.tar'), { cacheDir: join(folder, 'cache') });
    await expect(opening).rejects.toBeInstanceOf(error);
    await expect(opening).rejects.toThrow(message);
    expect(await filesBelow(folder)).toEqual(['data.tar']);
  });

  it('plain files is read, gzipped or not', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'a.tar'),
      tar([{ name: './', type: '5' }, ...good.map((entry) => ({ ...entry, name: `./${entry.name}` }))]),
    );
    await writeFile(join(folder, 'b.tar.gz'), tarGz(good));
    for (const name of ['a.tar', 'b.tar.gz']) {
      const dataset = await openDataset(join(folder, name), { cacheDir: join(folder, 'cache') });
      expect(dataset.classes).toEqual(['cat', 'dog']);
      expect([...dataset.readSync!(1).image.data.subarray(0, 3)]).toEqual([1, 2, 3]);
    }
  });

  it("folders and long names, GNU's and POSIX's, is read", async () => {
    const folder = await temporaryFolder();
    const long = 'a-long-name-'.repeat(10);
    await writeFile(
      join(folder, 'a.tar'),
      tar([
        { name: 'train/', type: '5' },
        { name: 'global', type: 'g', bytes: pax({ comment: 'made by hand' }) },
        { name: 'about', type: 'x', bytes: pax({ path: `train/cat/${long}.png` }) },
        { name: 'short.png', bytes: image },
        { name: '././@LongLink', type: 'L', bytes: Buffer.from(`train/dog/${long}.png\0`) },
        { name: 'short.png', bytes: image },
      ]),
    );
    const dataset = await openDataset(join(folder, 'a.tar'), { cacheDir: join(folder, 'cache') });
    expect([dataset.length, dataset.classes]).toEqual([2, ['cat', 'dog']]);
  });

  it('a large part of zeros is read where the ratio is raised', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'data.tar.gz'), huge);
    const dataset = await openDataset(join(folder, 'data.tar.gz'), { cacheDir: join(folder, 'cache'), maxRatio: 2000 });
    expect(dataset.length).toBe(2);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0x10;
  return copy;
}
