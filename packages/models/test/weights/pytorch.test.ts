import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createModel } from '@resnet/models';
import { saveWeights } from '@resnet/models/node';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';

const python = process.env.PYTHON ?? '/usr/bin/python3';
const present = spawnSync(python, ['-c', 'import torchvision']).status === 0;
const script = fileURLToPath(new URL('../../../testing/scripts/torchvision-logits.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pytorch-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => tf.setBackend('cpu'));

/** From -1 to 1; `tf.linspace` adds up its steps, rounding as it goes. */
const evenlySpaced = (count: number) => Float32Array.from({ length: count }, (_, i) => -1 + (2 * i) / (count - 1));

it.skipIf(!present)(`torchvision (${python}) loads what we save, name by name, and computes the same`, async () => {
  const size = 32;
  const model = createModel('resnet18', { inputShape: [size, size, 3], classes: 1000, seed: 7 });
  await saveWeights(model, join(folder, 'net.safetensors'));
  const args = [script, join(folder, 'net.safetensors'), 'resnet18', '--size', String(size)];
  const expected: number[] = JSON.parse(execFileSync(python, args, { encoding: 'utf8' }));

  const logits = tf.tidy(() => {
    const image = tf.tensor(evenlySpaced(3 * size * size), [1, 3, size, size]).transpose([0, 2, 3, 1]);
    return Array.from((model.predict(image) as tf.Tensor).dataSync());
  });
  const largest = Math.max(...expected.map(Math.abs));
  const difference = Math.max(...logits.map((logit, i) => Math.abs(logit - expected[i]!)));
  expect(logits).toHaveLength(1000);
  expect(difference / largest).toBeLessThan(1e-5);
});
