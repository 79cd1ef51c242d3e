import { spawnSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ArchiveError,
  type BatchOptions,
  batches,
  ChecksumError,
  DataError,
  type Dataset,
  LabelError,
  openDataset,
  openImagenetArchives,
  openSource,
  writeShards,
} from '@resnet/data';
import { describe, expect, it } from 'vitest';
import { filesBelow, picture, tar, temporaryFolder, writeTree } from './support';

/** A folder of 7 training and 3 test images of several sizes and formats. */
async function photos(): Promise<string> {
  const root = await temporaryFolder();
  for (let i = 0; i < 7; i++) {
    const image = picture(40 + 7 * i, 70 - 3 * i, i);
    const bytes = i === 3 ? await image.png().toBuffer() : await image.jpeg().toBuffer();
    await writeTree(root, { [`train/${i % 2 ? 'cat' : 'dog'}/${i}.${i === 3 ? 'png' : 'JPEG'}`]: bytes });
  }
  for (let i = 0; i < 3; i++)
    await writeTree(root, { [`val/${i % 2 ? 'cat' : 'dog'}/${i}.webp`]: await picture(50, 60, i).webp().toBuffer() });
  return root;
}

const open = (path: string) => openSource(path, { cacheDir: join(path, '.cache'), maxPackedBytes: 0 });

async function splitsOf(path: string): Promise<Record<string, Dataset>> {
  const source = await open(path);
  return { train: await source.read('train'), val: await source.read('val') };
}

async function sharded(imagesPerShard = 3): Promise<{ from: string; out: string }> {
  const from = await photos();
  const out = join(await temporaryFolder(), 'shards');
  await writeShards(await splitsOf(from), out, { imagesPerShard });
  return { from, out };
}

async function pixelsOf(dataset: Dataset, options: Partial<BatchOptions> = {}): Promise<string[]> {
  const augment = { module: '@resnet/augment', export: 'imagenet', options: { size: 30, shorter: [32, 50] } };
  const all: string[] = [];
  for await (const { images, labels, index } of batches(dataset, {
    batchSize: 2,
    seed: 5,
    epoch: 1,
    augment,
    ...options,
  }))
    all.push(`${index} ${labels} ${createHash('sha256').update(images.data).digest('hex')}`);
  return all;
}

/** What appears and disappears while nothing is wrong: the lock. */
const contentOf = async (root: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      (await filesBelow(root)).map(async (name) => [
        name,
        createHash('sha256')
          .update(await readFile(join(root, name)))
          .digest('hex'),
      ]),
    ),
  );

describe('writeShards', () => {
  it('makes shards whose batches are those of the files, from any batch on', async () => {
    const { from, out } = await sharded();
    expect((await filesBelow(out)).filter((name) => !name.includes('lock'))).toEqual([
      'shards.json',
      ...[0, 1, 2].flatMap((k) => [`train/shard-00000${k}.idx`, `train/shard-00000${k}.tar`]),
      'val/shard-000000.idx',
      'val/shard-000000.tar',
    ]);
    const source = await open(out);
    expect(source).toMatchObject({ kind: 'images', classes: ['cat', 'dog'], splits: ['train', 'val'] });
    const files = await splitsOf(from);
    for (const split of ['train', 'val']) {
      const dataset = await source.read(split);
      expect(dataset.length).toBe(files[split]!.length);
      const expected = await pixelsOf(files[split]!);
      expect(await pixelsOf(dataset)).toEqual(expected);
      expect(await pixelsOf(dataset, { firstBatch: 1 })).toEqual(expected.slice(1));
    }
  });

  it('makes the same bytes every time, and keeps whole shards when it goes on', async () => {
    const { from, out } = await sharded();
    const whole = await contentOf(out);
    // As a kill between two shards leaves it: one without its index, one not there, one half written elsewhere.
    await rm(join(out, 'train/shard-000001.idx'));
    await rm(join(out, 'train/shard-000002.tar'));
    await truncate(join(out, 'val/shard-000000.tar'), 700);
    const done: string[] = [];
    const onProgress = ({ done: count, total }: { done: number; total: number }) => done.push(`${count}/${total}`);
    await writeShards(await splitsOf(from), out, { imagesPerShard: 3, onProgress });
    expect(await contentOf(out)).toEqual(whole);
    expect(done).toEqual(['1/4', '2/4', '3/4', '4/4']);
  });

  it('refuses a folder of other shards, and a second writer', async () => {
    const { from, out } = await sharded();
    const before = await contentOf(out);
    const splits = await splitsOf(from);
    await expect(writeShards(splits, out, { imagesPerShard: 4 })).rejects.toThrow(/must be of the same images, seed/);
    await expect(writeShards(splits, out, { imagesPerShard: 3, seed: 1 })).rejects.toThrow(DataError);
    expect(await contentOf(out)).toEqual(before);
    const two = join(await temporaryFolder(), 'two');
    const writing = [0, 1].map(() => writeShards(splits, two, { imagesPerShard: 3 }));
    const [first, second] = await Promise.allSettled(writing);
    expect([first!.status, second!.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(await contentOf(two)).toEqual(before);
  });

  it('stops between shards, and goes on', async () => {
    const from = await photos();
    const out = join(await temporaryFolder(), 'shards');
    const stop = new AbortController();
    const options = { imagesPerShard: 1, signal: stop.signal, onProgress: () => stop.abort() };
    await expect(writeShards(await splitsOf(from), out, options)).rejects.toThrow(/abort/i);
    await expect(open(out)).rejects.toThrow(/Make the shards again: whole ones are kept/);
    await writeShards(await splitsOf(from), out, { imagesPerShard: 1 });
    expect((await (await open(out)).read('train')).length).toBe(7);
  });

  it('leaves no shard of an image that cannot be read', async () => {
    const from = await photos();
    const splits = await splitsOf(from);
    await splits.train!.fingerprint!();
    await rm(join(from, 'train/cat/1.JPEG'));
    const out = join(await temporaryFolder(), 'shards');
    await expect(writeShards(splits, out, { imagesPerShard: 100 })).rejects.toThrow(/must still be there/);
    expect((await filesBelow(out)).filter((name) => name.startsWith('train'))).toEqual([]);
  });

  it('is read by Python', async () => {
    const { from, out } = await sharded();
    const script = `
import sys, tarfile, hashlib
for path in sorted(sys.argv[1:]):
    with tarfile.open(path) as shard:
        members = shard.getmembers()
        for image, label in zip(members[::2], members[1::2]):
            key, extension = image.name.split('.')
            assert label.name == key + '.cls', label.name
            print(key, extension, shard.extractfile(label).read().decode(), hashlib.sha256(shard.extractfile(image).read()).hexdigest())
`;
    const shards = [0, 1, 2].map((k) => join(out, `train/shard-00000${k}.tar`));
    const { stdout, stderr } = spawnSync('python3', ['-c', script, ...shards], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const dataset = (await splitsOf(from)).train!;
    const expected = await Promise.all(
      Array.from({ length: 7 }, async (_, i) => {
        const { bytes, label } = await dataset.readEncoded!(i);
        const extension = bytes[0] === 0x89 ? 'png' : 'jpg';
        return `${String(i).padStart(8, '0')} ${extension} ${label} ${createHash('sha256').update(bytes).digest('hex')}`;
      }),
    );
    expect(stdout.trim().split('\n').sort()).toEqual(expected);
  });
});

it('a block shuffle takes every image once, a few shards at a time, and goes on in the middle', async () => {
  const { from, out } = await sharded(2);
  const dataset = await (await open(out)).read('train');
  const shuffle = { shards: 2 };
  const order: number[] = [];
  const numbers = { ...dataset, readSync: (i: number) => ({ image: image(i), label: 0 }) };
  const image = (i: number) => ({ data: Uint8Array.of(i, 0, 0), height: 1, width: 1, channels: 3 });
  for await (const { images } of batches(numbers, { batchSize: 1, shuffle, seed: 4 }))
    order.push(Math.round(images.data[0]! * 255));
  expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const shards = order.map((i) => dataset.shard!(i));
  // Four shards, the last of one image: two are read in the first part, the other two in the second.
  const parts = [new Set(shards.slice(0, 3)), new Set(shards.slice(4))];
  expect(parts.every((part) => part.size <= 2)).toBe(true);
  expect([...parts[0]!].some((shard) => parts[1]!.has(shard))).toBe(false);
  const expected = await pixelsOf(dataset, { shuffle });
  expect(await pixelsOf(dataset, { shuffle, firstBatch: 2, workers: 1 })).toEqual(expected.slice(2));
  expect(await pixelsOf(dataset, { shuffle, epoch: 2 })).not.toEqual(expected);
  expect(() => batches(dataset, { batchSize: 1, shuffle: { shards: 0 } })).toThrow(/must be an integer from 1, got 0/);
  const files = (await splitsOf(from)).train!;
  expect(() => batches(files, { batchSize: 1, shuffle })).toThrow(TypeError);
});

describe('a damaged shard', () => {
  it('with a flipped bit in an image is named, and no pixel of it is used', async () => {
    const { out } = await sharded();
    const path = join(out, 'train/shard-000001.tar');
    const bytes = await readFile(path);
    bytes[1000]! ^= 1;
    await writeFile(path, bytes);
    const reading = pixelsOf(await (await open(out)).read('train'));
    await expect(reading).rejects.toThrow(ChecksumError);
    await expect(reading).rejects.toThrow(/shard-000001\.tar, image at byte 512: must have the SHA-256/);
  });

  it.each([
    [
      'cut short',
      (out: string) => truncate(join(out, 'train/shard-000001.tar'), 2000),
      /shard-000001\.tar: must have its index .* got 2000/,
    ],
    [
      'without its index',
      (out: string) => rm(join(out, 'train/shard-000001.idx')),
      /shard-000001\.tar: must have its index/,
    ],
    [
      'of a damaged plan',
      (out: string) => truncate(join(out, 'shards.json'), 50),
      /shards\.json: must be as it was written/,
    ],
    [
      'with a damaged index',
      (out: string) => truncate(join(out, 'train/shard-000001.idx'), 90),
      /got none, or a damaged one/,
    ],
  ])('%s is refused when it is opened', async (_, damage, message) => {
    const { out } = await sharded();
    await damage(out);
    await expect(open(out)).rejects.toThrow(message);
  });

  /** An index of another content whose SHA-256 is right: 8 bytes of magic, 32 of SHA-256, length, JSON, arrays. */
  async function lie(out: string, change: (json: string, arrays: Buffer) => [string, Buffer]) {
    const path = join(out, 'train/shard-000001.idx');
    const bytes = await readFile(path);
    const end = 44 + bytes.readUInt32LE(40);
    const [json, arrays] = change(bytes.toString('utf8', 44, end), Buffer.from(bytes.subarray(end)));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(json));
    const body = Buffer.concat([length, Buffer.from(json), arrays]);
    await writeFile(path, Buffer.concat([bytes.subarray(0, 8), hash('sha256', body, 'buffer'), body]));
  }
  // Arrays of three images: places at 0, starts at 12, sizes at 24, four bytes each.
  const withNumber =
    (at: number, value: number) =>
    (json: string, arrays: Buffer): [string, Buffer] => {
      arrays.writeUInt32LE(value, at);
      return [json, arrays];
    };

  it.each<[string, (json: string, arrays: Buffer) => [string, Buffer], RegExp]>([
    ['no JSON', (_, arrays) => ['{', arrays], /or a damaged one/],
    ['null', (_, arrays) => ['null', arrays], /or a damaged one/],
    ['deep JSON', (_, arrays) => [`${'['.repeat(1e5)}${']'.repeat(1e5)}`, arrays], /or a damaged one/],
    ['a thousand million images', (json, a) => [json.replace(/"images":\d+/, '"images":1e9'), a], /or a damaged one/],
    ['-1 images', (json, arrays) => [json.replace(/"images":\d+/, '"images":-1'), arrays], /or a damaged one/],
    ['an image of 4 GiB', withNumber(24, 2 ** 32 - 1), /or a damaged one/],
    ['an image behind the end', withNumber(12, 2 ** 32 - 1), /or a damaged one/],
    ['a place beyond all', withNumber(0, 2 ** 32 - 1), /must be below/],
    [
      'a place twice',
      (json, arrays) => [json, Buffer.concat([arrays.subarray(4, 8), arrays.subarray(4)])],
      /two for place/,
    ],
  ])('whose index lies is refused: %s', async (_, change, message) => {
    const { out } = await sharded();
    await lie(out, change);
    await expect(open(out)).rejects.toThrow(message);
    await expect(open(out)).rejects.toBeInstanceOf(DataError);
  });

  it.each([
    'null',
    '[]',
    '{"version":1,"classes":["a"],"splits":null}',
    '{"version":1,"classes":[5],"splits":{}}',
    '{"version":1,"classes":["a"],"splits":{"train":null}}',
    '{"version":1,"classes":["a"],"splits":{"__proto__":{"images":"7"}}}',
    `{"version":1,"classes":["a"],"splits":{"train":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`,
  ])('of a plan that says %.60s is refused', async (plan) => {
    const { out } = await sharded();
    await writeFile(join(out, 'shards.json'), plan);
    await expect(open(out)).rejects.toThrow(/shards\.json: must be as it was written/);
  });

  it('that is missing is refused', async () => {
    const { out } = await sharded();
    await Promise.all(['idx', 'tar'].map((kind) => rm(join(out, `train/shard-000002.${kind}`))));
    await expect(open(out)).rejects.toThrow(/must have 7 images in the shards of train, got 6/);
  });
});

describe('shards of others', () => {
  /** As Python's webdataset writes them: a float for the time makes a PAX header before every member. */
  const python = `
import io, sys, tarfile
with tarfile.open(sys.argv[1], 'w') as shard:
    def add(name, data):
        info = tarfile.TarInfo(name); info.size = len(data); info.mtime = 1700000000.25
        shard.addfile(info, io.BytesIO(data))
    image = open(sys.argv[2], 'rb').read()
    add('a/000.jpg', image); add('a/000.cls', b'2'); add('a/000.txt', b'seven')
    add('a/001.json', b'{"label": 0, "caption": "x"}'); add('a/001.seg.png', b'no image of ours'); add('a/001.jpg', image)
    add('${'long/'.repeat(40)}002.cls', b'1'); add('${'long/'.repeat(40)}002.jpg', image)
`;

  it('are read: .cls and .json, PAX headers, long names, other members', async () => {
    const root = await temporaryFolder();
    const file = join(root, 'x.bin');
    const image = await picture(40, 50).jpeg().toBuffer();
    await writeFile(file, image);
    const { stderr } = spawnSync('python3', ['-c', python, join(root, 'shard-000000.tar'), file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const source = await open(root);
    expect(source).toMatchObject({ classes: ['0', '1', '2'], splits: ['train'] });
    const dataset = await source.read('train');
    expect([0, 1, 2].map((i) => dataset.label(i))).toEqual([2, 0, 1]);
    for (const i of [0, 1, 2]) expect(image.equals((await dataset.readEncoded!(i)).bytes)).toBe(true);
    expect(await pixelsOf(dataset, { workers: 1 })).toEqual(await pixelsOf(dataset));
  });

  it.each([
    [
      'no label',
      [{ name: 'a.jpg', bytes: Buffer.from('x') }],
      ArchiveError,
      /sample a must have an image and a label, got no label/,
    ],
    ['no image', [{ name: 'a.cls', bytes: Buffer.from('0') }], ArchiveError, /sample a .*got no image/],
    [
      'a word for a label',
      [
        { name: 'a.jpg', bytes: Buffer.from('x') },
        { name: 'a.cls', bytes: Buffer.from('cat') },
      ],
      LabelError,
      /label in a\.cls must be a whole number from 0 to 65535, got "\\"cat\\""|got "cat"/,
    ],
    [
      'a member beyond the end',
      [
        { name: 'a.cls', bytes: Buffer.from('0') },
        { name: 'a.jpg', bytes: Buffer.from('x'), size: 100_000 },
      ],
      ArchiveError,
      /a\.jpg of 100000 bytes, more than are left/,
    ],
  ])('with %s are refused', async (_, entries, error, message) => {
    const root = await temporaryFolder();
    await writeFile(join(root, 'x-000000.tar'), tar(entries));
    await expect(open(root)).rejects.toThrow(error);
    await expect(open(root)).rejects.toThrow(message);
  });

  // Sizes in a tar are eleven octal digits, or twelve bytes that begin with 0x80 (positive) or 0xff (negative).
  it.each([
    ['2^53 bytes', [0x80, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]],
    ['more than 2^53 bytes', [0x80, ...Array(11).fill(0xff)]],
    ['another base', [0x90, ...Array(11).fill(0)]],
    ['8 GiB in octal', [...Buffer.from('77777777777\0')]],
  ])('that claim %s are refused', async (_, size) => {
    const root = await temporaryFolder();
    const bytes = tar([{ name: 'a.jpg', bytes: Buffer.alloc(600) }]);
    bytes.set(size, 124);
    bytes.fill(' ', 148, 156);
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    await writeFile(join(root, 'x.tar'), bytes);
    await expect(open(root)).rejects.toBeInstanceOf(ArchiveError);
  });

  it('that end without their mark, or have a damaged header, are refused', async () => {
    const root = await temporaryFolder();
    const whole = tar([
      { name: 'a.cls', bytes: Buffer.from('0') },
      { name: 'a.jpg', bytes: Buffer.alloc(600) },
    ]);
    await writeFile(join(root, 'x.tar'), whole.subarray(0, whole.length - 1024));
    await expect(open(root)).rejects.toThrow(/its end without a mark/);
    whole[1024 + 3]! ^= 1;
    await writeFile(join(root, 'x.tar'), whole);
    await expect(open(root)).rejects.toThrow(/a damaged header at byte 1024/);
  });
});

describe('openImagenetArchives', () => {
  const member = async (name: string, seed: number) => ({ name, bytes: await picture(40, 50, seed).jpeg().toBuffer() });

  async function published(labels: string) {
    const root = await temporaryFolder();
    const [a, b] = [
      tar([await member('n02_7.JPEG', 1)]),
      tar([await member('n01_2.JPEG', 2), await member('n01_10.JPEG', 3)]),
    ];
    const paths = {
      train: join(root, 'train.tar'),
      validation: join(root, 'val.tar'),
      validationLabels: join(root, 'val.txt'),
    };
    await writeFile(paths.train, tar([{ name: 'n02.tar', bytes: a }, { name: 'n01.tar', bytes: b }])); // biome-ignore format: a tar
    await writeFile(
      paths.validation,
      tar([await member('val_00000002.JPEG', 5), await member('val_00000001.JPEG', 4)]),
    );
    await writeFile(paths.validationLabels, labels);
    return paths;
  }

  it.each(['n02\nn01\n', 'val_00000002.JPEG n01\nval_00000001.JPEG n02\n'])(
    'reads nested tars in place: %j',
    async (labels) => {
      const { train, val } = await openImagenetArchives(await published(labels));
      expect(train.classes).toEqual(['n01', 'n02']);
      expect([0, 1, 2].map((i) => train.label(i))).toEqual([0, 0, 1]);
      expect([0, 1].map((i) => val.label(i))).toEqual([1, 0]);
      const expected = [3, 2, 1].map(async (seed) => (await member('', seed)).bytes);
      for (const [i, bytes] of expected.entries())
        expect((await bytes).equals((await train.readEncoded!(i)).bytes)).toBe(true);
      const out = join(await temporaryFolder(), 'out');
      await writeShards({ train, val }, out, { imagesPerShard: 2 });
      const again = await openDataset(out, { cacheDir: join(out, '.cache') });
      expect(await pixelsOf(again)).toEqual(await pixelsOf(train));
    },
  );

  it('refuses labels that are missing or of no class', async () => {
    await expect(openImagenetArchives(await published('n01\n'))).rejects.toThrow(LabelError);
    await expect(openImagenetArchives(await published('n01\nn09\n'))).rejects.toThrow(/got n09/);
  });
});
