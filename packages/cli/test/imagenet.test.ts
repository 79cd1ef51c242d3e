import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { emptyFolder, resnet } from './command';

const data = emptyFolder();
const run = join(emptyFolder(), 'run');

/** Images of mixed sizes and formats, whose class is their hue. */
beforeAll(async () => {
  const classes = { ant: '#b03020', bee: '#c0b020', cat: '#2050c0' };
  for (const [name, background] of Object.entries(classes)) {
    for (const [split, count] of [
      ['train', 3],
      ['val', 1],
    ] as const) {
      const folder = join(data, split, name);
      mkdirSync(folder, { recursive: true });
      for (let i = 0; i < count; i++) {
        const image = sharp({ create: { width: 230 + 40 * i, height: 300 - 25 * i, channels: 3, background } });
        await image.toFile(join(folder, `${i}.${i % 2 ? 'png' : 'jpg'}`));
      }
    }
  }
});

it('trains ResNet-18 at 224 on a folder of mixed sizes, is stopped, resumes, and is tested on ten crops and several scales', async () => {
  let asked = false;
  const flags = [
    '--steps',
    '3',
    '--batch-size',
    '3',
    '--validate-every',
    '2',
    '--checkpoint-every',
    '1',
    '--workers',
    '1',
    '--out',
    run,
  ];
  const stopped = await resnet(
    ['train', 'imagenet', '--model', 'resnet18', '--data', data, ...flags],
    (stderr, child) => {
      if (!asked && stderr.includes('1/3')) asked = child.kill('SIGTERM');
    },
  );
  expect(stopped.code).toBe(143);

  const resumed = await resnet(['train', '--resume', run, '--json']);
  expect(resumed.stderr).toMatch(/resum|step/i);
  // 11,689,512 with 1000 classes; the linear layer has 512 weights and a bias a class.
  expect(JSON.parse(resumed.stdout)).toMatchObject({ steps: 3, parameters: 11_689_512 - 997 * 513, shortcut: 'B' });

  const crops = JSON.parse((await resnet(['evaluate', '--run', run, '--crops', '10', '--json'])).stdout);
  expect(crops).toMatchObject({ images: 3, top5: 1 });
  const scales = JSON.parse((await resnet(['evaluate', '--run', run, '--scales', '224,256', '--json'])).stdout);
  expect(scales).toMatchObject({ images: 3, top5: 1 });
}, 180_000);
