import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cifarResNet, imagenetResNet, toStandardLayers } from '@resnet/models';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { difference, images, pretendTrained } from './trained';

const inputShape = [16, 16, 3] as const;
const cifar = (options: Parameters<typeof cifarResNet>[1]) =>
  pretendTrained(cifarResNet(options?.block === 'bottleneck' ? 11 : 8, { inputShape, seed: 1, ...options }));

const models: [string, () => tf.LayersModel][] = [
  ['A, zeros at the end', () => cifar({ shortcut: 'A', pad: 'end' })],
  ['A, zeros split', () => cifar({ shortcut: 'A', pad: 'split' })],
  ['B', () => cifar({ shortcut: 'B' })],
  ['C, bottleneck', () => cifar({ shortcut: 'C', block: 'bottleneck' })],
  ['A, bottleneck', () => cifar({ shortcut: 'A', block: 'bottleneck' })],
  ['plain', () => cifar({ shortcut: 'none' })],
  ['preact', () => cifar({ block: 'preact' })],
  ['ImageNet', () => pretendTrained(imagenetResNet(18, { inputShape: [null, null, 3], classes: 5, seed: 1 }))],
];

describe('toStandardLayers', () => {
  it.each(models.flatMap(([name, make]) => [[name, false, make] as const, [name, true, make] as const]))(
    'agrees with %s (fold: %s)',
    (_, fold, make) => {
      const model = make();
      const standard = toStandardLayers(model, { fold });
      expect(standard.layers.filter((layer) => layer.getClassName().startsWith('ResNet'))).toEqual([]);
      const scale = tf.max(tf.abs(model.predict(images()) as tf.Tensor)).arraySync() as number;
      expect(difference(model, standard, images()) / scale).toBeLessThan(1e-5);
    },
  );

  it('folds every normalization that follows a convolution', () => {
    const classes = (model: tf.LayersModel) => model.layers.map((layer) => layer.getClassName());
    expect(classes(toStandardLayers(cifar({}), { fold: true }))).not.toContain('BatchNormalization');
    // In a pre-activation net the normalizations that follow an addition stay: two of them, and the one before the head.
    const preact = classes(toStandardLayers(cifar({ block: 'preact' }), { fold: true }));
    expect(preact.filter((name) => name === 'BatchNormalization')).toHaveLength(3);
  });

  it('loads in a process without these packages', async () => {
    const model = cifar({ pad: 'split' });
    const folder = mkdtempSync(join(tmpdir(), 'standard-'));
    try {
      const require = createRequire(import.meta.url);
      const modules = join(require.resolve('@tensorflow/tfjs/package.json'), '..', '..', '..');
      symlinkSync(modules, join(folder, 'node_modules'));
      writeFileSync(join(folder, 'model.json'), JSON.stringify(await artifacts(toStandardLayers(model))));
      const x = images();
      writeFileSync(join(folder, 'image.json'), JSON.stringify(x.arraySync()));
      writeFileSync(join(folder, 'load.cjs'), loader);
      const output = execFileSync(process.execPath, ['load.cjs'], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const logits = tf.tensor2d(JSON.parse(output));
      expect(tf.max(tf.abs(tf.sub(logits, model.predict(x) as tf.Tensor))).arraySync()).toBeLessThan(1e-5);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** A model as JSON, weights in base 64. */
async function artifacts(model: tf.LayersModel) {
  let saved: object = {};
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      saved = { modelTopology, weightSpecs, weightData: Buffer.from(weightData as ArrayBuffer).toString('base64') };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return saved;
}

/** Knows TensorFlow.js and nothing else. */
const loader = `
  const tf = require('@tensorflow/tfjs');
  const { readFileSync } = require('node:fs');
  const { modelTopology, weightSpecs, weightData } = JSON.parse(readFileSync('model.json', 'utf8'));
  const bytes = Uint8Array.from(Buffer.from(weightData, 'base64'));
  tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData: bytes.buffer })).then((model) => {
    const x = tf.tensor4d(JSON.parse(readFileSync('image.json', 'utf8')));
    process.stdout.write(JSON.stringify(model.predict(x).arraySync()));
  });
`;
