import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useBackend } from '@resnet/backend';
import { BrokenImageError, openSource, packedDataset } from '@resnet/data';
import { createModel } from '@resnet/models';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../src/errors';
import { withClassesOf } from '../src/evaluation/classes';
import { evaluateNetwork } from '../src/evaluation/evaluate';
import { preprocessingFor } from '../src/evaluation/preprocessing';
import type { TrainedNetwork } from '../src/evaluation/trained-network';
import { compareRuns } from '../src/findings/compare-runs';
import { recipes } from '../src/recipe/presets';
import { withChanges } from '../src/recipe/resolve';
import type { Recipe } from '../src/recipe/schema';
import { trainingTransform } from '../src/run/augmentation';
import { openRunImages } from '../src/run/images';
import { runRecipe } from '../src/run/run-recipe';
import { loadRun } from '../src/run/saved-run';
import { imagenetClasses } from '../src/weights/imagenet-classes';
import { emptyFolder } from './empty-folder';

beforeAll(async () => {
  await useBackend('simd', { threads: 1 });
});

/** A picture that no other seed gives. */
const picture = (width: number, height: number, seed: number): Promise<Buffer> =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, i) => 128 + 127 * Math.sin(seed + i * (0.1 + seed / 50))),
    { raw: { width, height, channels: 3 } },
  )
    .png()
    .toBuffer();

type Size = readonly [width: number, height: number];

/** Writes pictures, each of another seed, of sizes that take turns. */
async function folderOf(paths: readonly string[], ...sizes: readonly Size[]): Promise<string> {
  const root = emptyFolder();
  for (const [i, path] of paths.entries()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), await picture(...sizes[i % sizes.length]!, i));
  }
  return root;
}

const images = (split: string, classes: readonly string[], count: number): string[] =>
  classes.flatMap((name) => Array.from({ length: count }, (_, i) => `${split}/${name}/${i}.png`));

const imagenet = (changes: Partial<Recipe>): Recipe =>
  withChanges(recipes.get('imagenet')!, {
    model: { name: 'resnet8' },
    imageSize: 32,
    batchSize: 4,
    steps: 3,
    schedule: { kind: 'constant', base: 0.01 },
    validateEvery: 0,
    workers: 0,
    backend: 'simd',
    threads: 1,
    ...changes,
  });

describe('classes of other data', () => {
  const classes = ['cat', 'dog', 'emu'];
  const network: TrainedNetwork = {
    name: 'resnet8',
    model: { name: 'resnet8' },
    preprocessing: { imageSize: 32, shorterSide: null, mean: null, std: null },
    classes,
    data: null,
    crops: 1,
    make: async () => createModel('resnet8', { classes: 3, seed: 3 }),
  };
  const dataset = async (names: readonly string[]) =>
    (await openSource(await folderOf(images('test', names, 2), [32, 32]))).read('test');

  it.each([
    ['another order', ['emu', 'DOG', 'cat'], 'cat', 'emu', 'DOG'],
    ['another case', ['Cat', 'EMU', 'dOG'], 'Cat', 'EMU', 'dOG'],
  ])('are found by name: %s', async (_, __, cat, emu, dog) => {
    const data = await folderOf(images('test', classes, 2), [32, 32]);
    const expected = await evaluateNetwork(network, { data });
    // The same pictures under the other names.
    for (const [from, to] of [
      ['cat', `${cat}-`],
      ['dog', `${dog}-`],
      ['emu', `${emu}-`],
    ] as const) {
      renameSync(join(data, 'test', from), join(data, 'test', to));
      renameSync(join(data, 'test', to), join(data, 'test', to.slice(0, -1)));
    }
    const { loss, top1 } = await evaluateNetwork(network, { data });
    expect([loss, top1]).toEqual([expect.closeTo(expected.loss, 5), expected.top1]);
  });

  it('get the labels of the run', async () => {
    const found = await dataset(['Dog', 'EMU', 'cat']); // labels 0, 1, 2: capitals come first
    const relabeled = withClassesOf('evaluate', classes, found);
    expect(Array.from({ length: 6 }, (_, i) => relabeled.label(i))).toEqual([1, 1, 2, 2, 0, 0]);
    expect((await relabeled.read(0)).label).toBe(1);
    expect(relabeled.readSync?.(2).label).toBe(2);
    expect(relabeled.classes).toEqual(classes);
  });

  it('are found in another form of Unicode', async () =>
    expect(withClassesOf('evaluate', ['caf\u00e9', 'tea'], await dataset(['cafe\u0301', 'tea'])).label(0)).toBe(0));

  it('that are numbers, as in shards of others, are indices', async () =>
    expect(withClassesOf('evaluate', ['dog', 'cat'], await dataset(['0', '1'])).label(2)).toBe(1));

  it('that are the synsets of ImageNet are in the order of its classes', () => {
    const synsets = Array.from({ length: 1000 }, (_, i) => `n${String(1_440_764 + 7 * i).padStart(8, '0')}`);
    const shapes = packedDataset({
      name: 'synsets',
      classes: synsets,
      shape: [1, 1, 3],
      labels: new Uint16Array(new SharedArrayBuffer(2000)).map((_, i) => i),
      pixels: new Uint8Array(new SharedArrayBuffer(3000)),
    });
    const relabeled = withClassesOf('evaluate', imagenetClasses, shapes);
    expect([0, 388, 999].map((i) => relabeled.classes[relabeled.label(i)])).toEqual([
      'tench',
      'giant panda',
      'toilet tissue',
    ]);
  });

  it.each([
    ['other names', ['horse', 'zebra', 'dog']],
    ['fewer', ['cat', 'dog']],
    ['two that are one of the run', ['Cat', 'cat', 'dog']],
  ])('are refused with both lists: %s', async (_, names) => {
    const data = await folderOf(images('test', names, 1), [32, 32]);
    const evaluating = evaluateNetwork(network, { data });
    await expect(evaluating).rejects.toThrow(UsageError);
    await expect(evaluating).rejects.toThrow(
      new RegExp(`got ${names.length}.*: cat, dog, emu in the run, ${[...names].sort().join(', ')} in the data`),
    );
  });

  it('are told where runs are compared', () => {
    const fixture = fileURLToPath(new URL('./fixtures/former-names/finished', import.meta.url));
    const [one, same, other] = Array.from({ length: 3 }, () => {
      const run = join(emptyFolder(), 'run');
      cpSync(fixture, run, { recursive: true });
      return run;
    }) as [string, string, string];
    const change = (run: string, changes: object) => {
      const file = join(run, 'preprocessing.json');
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }));
    };
    // What is held out by another seed is a subset of the same images.
    change(one, { trainedOn: `abc-${'0'.repeat(16)}` });
    change(same, { trainedOn: `abc-${'1'.repeat(16)}` });
    expect(compareRuns([one, same]).section.conclusion.join()).not.toMatch(/do not compare/);
    change(other, { trainedOn: `def-${'0'.repeat(16)}` });
    const [first] = compareRuns([one, same, other]).section.conclusion;
    expect(first).toMatch(/^Of other images than .*: [^,]* \(shapes10\)\. Their errors do not compare\.$/);
    change(other, { classes: ['horse', 'zebra'] });
    expect(compareRuns([one, other]).section.conclusion[0]).toMatch(/^Of other classes than /);
  });
});

describe('a val split', () => {
  const paths = [...images('train', ['a', 'b'], 4), ...images('val', ['a', 'b'], 1), ...images('test', ['a', 'b'], 1)];

  it('comes before holdOut, and is said to', async () => {
    const notes: string[] = [];
    const data = await folderOf(paths, [32, 32]);
    const found = await openRunImages(imagenet({ data, holdOut: 2 }), (line) => notes.push(line));
    expect([found.train.length, found.validation?.length, found.test.length]).toEqual([8, 2, 2]);
    // Pictures 8 and 9 are those of val.
    expect((await found.validation!.read(0)).image.data).toEqual(
      (await (await openSource(data)).read('val').then((val) => val.read(0))).image.data,
    );
    expect(notes.join()).toMatch(/validates on its val split; holdOut 2 holds nothing out/);
  });
});

describe('what is cropped', () => {
  const opened = async (sizes: readonly Size[], maxPackedBytes = 2 ** 30) =>
    (await openSource(await folderOf(images('train', ['a', 'b'], 4), ...sizes), { maxPackedBytes })).read('train');
  // §3.4's proportion: 32 · 256 / 224 = 36.6.
  const cropped = { imageSize: 32, shorterSide: 37 };

  it.each<[string, readonly Size[]]>([
    ['square ones', [[48, 48]]],
    ['oblong ones', [[48, 40]]],
    ['those of the crop’s size', [[32, 32]]],
    [
      'those that vary',
      [
        [48, 40],
        [33, 61],
      ],
    ],
  ])('of images for the ImageNet recipe follows from the recipe: %s', async (_, sizes) => {
    for (const maxPackedBytes of [0, 2 ** 30]) {
      const train = await opened(sizes, maxPackedBytes);
      const recipe = imagenet({});
      const preprocessing = await preprocessingFor(recipe, train);
      expect(preprocessing).toMatchObject(cropped);
      expect(await trainingTransform(recipe, preprocessing, train)).toMatchObject({
        augment: { export: 'imagenet', options: { size: 32, shorter: [37, 69] } },
      });
    }
  });

  it.each([0, 2 ** 30])(
    'without augmentation is the same however images are stored (packed up to %i)',
    async (bytes) => {
      const preprocessing = await preprocessingFor(imagenet({ augment: 'none' }), await opened([[32, 32]], bytes));
      expect(preprocessing).toMatchObject({ imageSize: 32, shorterSide: null, fallbackSide: 37 });
    },
  );

  it.each<[readonly Size[], number, RegExp]>([
    [[[48, 48]], 2 ** 30, /got 48 × 48\. Set imageSize to 48, or augment to 'imagenet'/],
    [[[48, 48]], 0, /got 48 × 48\. Set imageSize to 48, or augment to 'imagenet'/],
    [[[48, 40]], 2 ** 30, /got 40 × 48\. Set augment to 'imagenet', which crops/],
    [[[48, 40]], 0, /got 40 × 48\. Set augment to 'imagenet', which crops/],
    [
      [
        [48, 48],
        [32, 32],
      ],
      0,
      /got 48 × 48\. Set augment to 'imagenet', which crops/,
    ],
  ])(
    'by the CIFAR augmentation is nothing: %j (packed up to %i) is refused with a way out',
    async (sizes, bytes, message) => {
      await expect(preprocessingFor(imagenet({ augment: 'cifar' }), await opened(sizes, bytes))).rejects.toThrow(
        message,
      );
    },
  );

  it('by the CIFAR augmentation takes images of its size from files, too', async () =>
    expect(await preprocessingFor(imagenet({ augment: 'cifar' }), await opened([[32, 32]], 0))).toMatchObject({
      imageSize: 32,
      shorterSide: null,
    }));
});

describe('a broken image', () => {
  const paths = [...images('train', ['a', 'b'], 8), ...images('test', ['a', 'b'], 2)];
  /** None of those that a run shows at its beginning. */
  const broken = 'train/a/7.png';
  /** Sizes vary, so that images stay files and are met when they are read. */
  const damaged = async (...more: readonly string[]): Promise<string> => {
    const data = await folderOf(paths, [40, 36], [36, 44]);
    for (const path of [broken, ...more]) writeFileSync(join(data, path), (await picture(40, 36, 1)).subarray(0, 300));
    return data;
  };

  it('ends a run, which goes on when it is repaired', async () => {
    const [data, directory] = [await damaged(), join(emptyFolder(), 'run')];
    const recipe = imagenet({ steps: 4, data });
    const first = runRecipe(recipe, { directory });
    await expect(first).rejects.toThrow(BrokenImageError);
    await expect(first).rejects.toMatchObject({ advice: { option: 'onBrokenImage' } });
    expect(loadRun(directory).brokenImages?.files.map(({ file }) => file)).toEqual([join(data, broken)]);

    writeFileSync(join(data, broken), await picture(61, 50, 77));
    const notes: string[] = [];
    const outcome = await runRecipe(recipe, { directory, resume: true, onNote: (line) => notes.push(line) });
    expect(outcome.status).toBe('finished');
    expect(notes.join('\n')).toMatch(
      /images that were broken have changed since the run began; the others are the same/,
    );
  });

  it('does not let others change meanwhile', async () => {
    const [data, directory] = [await damaged(), join(emptyFolder(), 'run')];
    await expect(runRecipe(imagenet({ steps: 4, data }), { directory })).rejects.toThrow(BrokenImageError);
    writeFileSync(join(data, broken), await picture(61, 50, 77));
    writeFileSync(join(data, 'train/b/0.png'), await picture(61, 50, 78));
    await expect(runRecipe(imagenet({ steps: 4, data }), { directory, resume: true })).rejects.toThrow(
      /must hold the images/,
    );
  });

  it('is left out, counted and noted where the recipe says so, also of a run that it ended', async () => {
    const [data, directory] = [await damaged('test/b/0.png'), join(emptyFolder(), 'run')];
    await expect(runRecipe(imagenet({ steps: 4, data }), { directory })).rejects.toThrow(BrokenImageError);
    const notes: string[] = [];
    const options = { directory, resume: true, onNote: (line: string) => notes.push(line) };
    const outcome = await runRecipe(imagenet({ steps: 4, data, onBrokenImage: 'skip', normalize: 'channel' }), {
      ...options,
      directory: join(emptyFolder(), 'other'),
    });
    expect(outcome.status).toBe('finished');
    expect(notes.filter((line) => /^left out broken image \d: /.test(line))).toEqual([
      expect.stringMatching(/^left out broken image 1: .*train\/a\/7\.png \(/),
      expect.stringMatching(/^left out broken image 2: .*test\/b\/0\.png \(/),
    ]);
    expect((await runRecipe(imagenet({ steps: 4, data, onBrokenImage: 'skip' }), options)).status).toBe('finished');
    expect(loadRun(directory).brokenImages?.files).toHaveLength(2);
  });

  it('of images in memory is left out of the pack and counted, at every opening', async () => {
    const data = await folderOf(paths, [32, 32]);
    writeFileSync(join(data, broken), 'no image');
    for (const _ of [1, 2]) {
      const notes: string[] = [];
      const { train } = await openRunImages(imagenet({ steps: 4, data, onBrokenImage: 'skip' }), (line) =>
        notes.push(line),
      );
      expect(train.length).toBe(15);
      expect(notes.join('\n')).toMatch(/left out 1 broken images of .*`resnet data check` lists them/);
    }
  });
});

it('files that are no images are counted when a run begins', async () => {
  const data = await folderOf([...images('train', ['a', 'b'], 1), ...images('test', ['a', 'b'], 1)], [32, 32]);
  writeFileSync(join(data, 'train/a/1.bmp'), 'BM');
  const notes: string[] = [];
  await openRunImages(imagenet({ steps: 4, data }), (line) => notes.push(line));
  expect(notes.join()).toMatch(/cannot be read as images: 1 \.bmp/);
});
