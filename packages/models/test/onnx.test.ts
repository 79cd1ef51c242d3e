import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cifarResNet, imagenetResNet, OnnxError, toOnnx, toStandardLayers } from '@resnet/models';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { images, pretendTrained } from './trained';

const inputShape = [16, 16, 3] as const;
const cifar = (options: Parameters<typeof cifarResNet>[1]) =>
  pretendTrained(cifarResNet(options?.block === 'bottleneck' ? 11 : 8, { inputShape, seed: 1, ...options }));

const models: [string, () => tf.LayersModel][] = [
  ['A, zeros at the end', () => cifar({ shortcut: 'A', pad: 'end' })],
  ['A, zeros split', () => cifar({ shortcut: 'A', pad: 'split' })],
  ['B', () => cifar({ shortcut: 'B' })],
  ['C, bottleneck', () => cifar({ shortcut: 'C', block: 'bottleneck' })],
  ['A, bottleneck', () => cifar({ shortcut: 'A', block: 'bottleneck' })],
  ['stride in the first convolution', () => cifar({ block: 'bottleneck', strideIn: '1x1' })],
  ['plain', () => cifar({ shortcut: 'none' })],
  ['preact', () => cifar({ block: 'preact' })],
  ['ImageNet', () => pretendTrained(imagenetResNet(18, { inputShape: [null, null, 3], classes: 5, seed: 1 }))],
];

/** Logits by ONNX Runtime, from channels-last images. */
async function run(file: Uint8Array, x: tf.Tensor4D): Promise<{ logits: Float32Array; dims: readonly number[] }> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 });
  const data = tf.tidy(() => tf.transpose(x, [0, 3, 1, 2]).dataSync<'float32'>());
  const [n, h, w, c] = x.shape;
  const { logits } = await session.run({ images: new Tensor('float32', data, [n, c, h, w]) });
  return { logits: logits!.data as Float32Array, dims: logits!.dims };
}

describe('toOnnx', () => {
  it.each(models)('gives ONNX Runtime the logits of %s', async (_, make) => {
    const model = make();
    const file = await toOnnx(model);
    for (const [size, count] of [[16, 4], ...(model.inputs[0]!.shape[1] === null ? [[40, 2]] : [])] as [
      number,
      number,
    ][]) {
      const x = images(size).slice(0, count) as tf.Tensor4D;
      const expected = model.predict(x) as tf.Tensor2D;
      const { logits, dims } = await run(file, x);
      expect(dims).toEqual(expected.shape);
      const values = expected.dataSync();
      const scale = Math.max(1, ...values.map(Math.abs));
      for (const [i, value] of values.entries()) expect(Math.abs(logits[i]! - value) / scale).toBeLessThan(1e-5);
    }
  });

  it('names weights as torchvision does and keeps metadata', async () => {
    const file = Buffer.from(await toOnnx(cifar({ shortcut: 'B' }), { metadata: { classes: 'cat,dog' } }));
    for (const name of ['layer2.0.downsample.1.running_mean', 'fc.weight', 'cat,dog'])
      expect(file.includes(name)).toBe(true);
  });

  it('leaves no tensor behind', async () => {
    const model = cifar({});
    const before = tf.memory().numTensors;
    await toOnnx(model);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a layer it does not know, by name', async () => {
    const known = cifar({});
    const softmax = tf.layers.softmax({ name: 'scores' }).apply(known.outputs[0]!) as tf.SymbolicTensor;
    const model = tf.model({ inputs: known.inputs, outputs: softmax });
    await expect(toOnnx(model)).rejects.toThrow(/scores, a Softmax/);
    await expect(toOnnx(toStandardLayers(known))).rejects.toThrow(OnnxError);
  });

  it('refuses a model that is not from images to scores', async () => {
    const vector = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await expect(toOnnx(vector)).rejects.toThrow(/got \[,3\] to \[,2\]/);
  });

  const python = spawnSync('/usr/bin/python3', ['-c', 'import onnx']).status === 0;
  it.skipIf(!python)('passes ONNX’s own checker (needs python3-onnx)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
    try {
      const files = models.map((_, i) => join(folder, `${i}.onnx`));
      for (const [i, [, make]] of models.entries()) writeFileSync(files[i]!, await toOnnx(make()));
      const script = fileURLToPath(new URL('../scripts/check-onnx.py', import.meta.url));
      const output = execFileSync('/usr/bin/python3', [script, ...files], { encoding: 'utf8' });
      expect(output.match(/ok, opset 13/g)).toHaveLength(models.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
