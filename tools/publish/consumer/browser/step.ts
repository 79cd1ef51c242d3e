import { flip, randomFlip } from '@resnet/augment';
import { augmentTensor } from '@resnet/augment/tfjs';
import { useBackend } from '@resnet/backend';
import { relu } from '@resnet/blocks';
import { createModel, exportSafetensors } from '@resnet/models';
import { parseSafetensors } from '@resnet/safetensors';
import { stepDecay } from '@resnet/schedulers';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';

/** Trains a small ResNet for three steps on a backend, with every package that works in browsers. */
export async function trainBriefly(backend: 'simd' | 'cpu') {
  const { name, threads } = await useBackend(backend, { threads: 2 });
  const pixels = Array.from({ length: 4 * 8 * 8 * 3 }, (_, i) => Math.sin(i * i));
  const images = await augmentTensor(tf.tensor4d(pixels, [4, 8, 8, 3]), randomFlip(1), () => 0);
  async function* batches() {
    for (;;) yield { images: tf.clone(images), labels: Int32Array.of(0, 1, 2, 3) };
  }
  const model = createModel('resnet8', { classes: 4, inputShape: [8, 8, 3], seed: 1 });
  const schedule = stepDecay({ base: 0.1, every: 2 });
  const options = { model, batches, steps: 3, schedule: (at: number) => schedule.rate(at), optimizer: sgd() };
  const events = await lastValueFrom(train(options).pipe(toArray()));
  const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
  const tensors = parseSafetensors(await exportSafetensors(model)).tensors.size;
  return { name, threads, losses, tensors, functions: [typeof flip, typeof relu] };
}
