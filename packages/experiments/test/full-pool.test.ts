import { registerSimd, SimdMemoryError, simdInfo } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, tap } from 'rxjs';
import { expect, it } from 'vitest';

const LIMIT = 24 * 2 ** 20;
const batch = 4;
const shape = [batch, 32, 32, 3] as const;

/** Four steps of ResNet-8: on simd the third is recorded, the fourth replayed. The error, or the last loss. */
async function trained(): Promise<unknown> {
  const model = createModel('resnet8', { seed: 0 });
  const images = { data: Float32Array.from({ length: batch * 32 * 32 * 3 }, (_, i) => Math.sin(i)), shape };
  async function* batches() {
    for (;;) yield { images, labels: Int32Array.from({ length: batch }, (_, i) => i) };
  }
  let loss = Number.NaN;
  const run = train({ model, batches, optimizer: sgd(), schedule: () => 0.1, steps: 4, readEvery: 1 }).pipe(
    tap((event) => {
      if (event.type === 'step') loss = event.loss;
    }),
  );
  const error = await lastValueFrom(run).then(
    () => null,
    (error: unknown) => error,
  );
  model.dispose();
  return error ?? loss;
}

it('a pool that is full at any moment of a training step keeps nothing of it, and what fits trains as ever', async () => {
  await registerSimd({ threads: 2, maxBytes: LIMIT });
  await tf.setBackend('simd');
  const expected = await trained();
  expect(expected).toBeTypeOf('number');
  const before = { used: simdInfo().usedBytes, tensors: tf.memory().numTensors };
  const ends = { full: 0, trained: 0 };
  // Less and less room: first none for a recording of the step, then none for the step.
  for (let pieces = 110; pieces < 190; pieces += 1) {
    const ballast = Array.from({ length: pieces }, () => tf.tidy(() => tf.relu(tf.ones([25_000]))));
    const end = await trained();
    if (end instanceof SimdMemoryError) ends.full += 1;
    else expect(end).toBe(expected);
    ends.trained += Number(end === expected);
    tf.dispose(ballast);
    expect({ used: simdInfo().usedBytes, tensors: tf.memory().numTensors }).toEqual(before);
  }
  expect(ends.full).toBeGreaterThan(5);
  expect(ends.trained).toBeGreaterThan(5);
  expect(await trained()).toBe(expected);
});
