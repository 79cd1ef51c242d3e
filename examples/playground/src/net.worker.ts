import { gradientNorms, layerResponses } from '@resnet/analysis/network';
import { useBackend } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { batchOf, classes, imagesOf, inOrder, shuffled } from './images';
import type { Command, Kind, Report } from './messages';
import type { Settings } from './settings';

/** Images drawn for training and for the test. */
const [TRAIN, TEST] = [2000, 200];

/** Steps between two looks: at the test images, and at the layers. */
const [TEST_EVERY, LAYERS_EVERY] = [20, 10];

/** Nobody waits for so many. */
const STEPS = 1_000_000;

const tell = (report: Report): void => postMessage(report);

/** Lets steps through one by one. */
const gate = { isOpen: true, wake: () => {} };
const passed = (): Promise<void> =>
  gate.isOpen
    ? Promise.resolve()
    : new Promise((resolve) => {
        gate.wake = resolve;
      });

addEventListener('message', ({ data }: MessageEvent<Command>) => {
  if (data.type === 'start')
    start(data.kind, data.settings).catch((error: Error) => tell({ type: 'failed', message: error.message }));
  if (data.type === 'pause') gate.isOpen = false;
  if (data.type === 'go') gate.isOpen = true;
  if (data.type === 'go' || data.type === 'step') gate.wake();
});

async function start(kind: Kind, { depth, shortcut, zeroLastScale, rate, batchSize, seed }: Settings): Promise<void> {
  tf.enableProdMode();
  const backend = await useBackend('simd');
  const size = { classes, inputShape: [32, 32, 3] as [number, number, number], seed };
  const model =
    kind === 'plain'
      ? createModel(`plain${depth}`, size)
      : createModel(`resnet${depth}`, { ...size, shortcut, zeroLastScale });
  const [images, test] = [imagesOf('train', TRAIN), imagesOf('test', TEST)];
  const measure = layersOf(model, images);
  tell({
    type: 'ready',
    backend: `${backend.name}, ${backend.threads ?? 1} threads`,
    parameters: model.trainableWeights.reduce(
      (sum, { shape }) => sum + shape.reduce<number>((n, d) => n * (d ?? 1), 1),
      0,
    ),
  });
  train({
    model,
    batches: shuffled(images, batchSize, seed, passed),
    schedule: rate,
    optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
    steps: STEPS,
    validation: { batches: () => [inOrder(test)], every: TEST_EVERY },
    layers: { measure, every: LAYERS_EVERY },
  }).subscribe({
    next: (event) => {
      if (event.type === 'step') {
        tell({ type: 'step', step: event.step, error: event.error, imagesPerSecond: event.images / event.seconds });
      }
      if (event.type === 'evaluation') tell({ type: 'test', step: event.step, error: event.error });
      if (event.type === 'layers') {
        tell({
          type: 'layers',
          step: event.step,
          names: event.layers.map(({ layer }) => layer),
          gradientNorm: event.layers.map(({ gradientNorm }) => Number(gradientNorm)),
          response: event.layers.flatMap(({ response }) => (response === undefined ? [] : [Number(response)])),
        });
      }
    },
    error: (error: Error) => tell({ type: 'failed', message: error.message }),
  });
}

/** The gradient's norm at each convolution, and each layer's response (Fig. 7), on the first 16 images. */
function layersOf(model: tf.LayersModel, all: ReturnType<typeof imagesOf>) {
  const { images, labels } = batchOf(
    all,
    Array.from({ length: 16 }, (_, i) => i),
  );
  return async () => {
    const tensor = tf.tensor4d(images.data, images.shape);
    const gradients = await gradientNorms(model, tensor, labels);
    const responses = await layerResponses(model, [tensor]);
    tensor.dispose();
    return gradients.map(({ layer, gradientNorm }, i) => ({
      layer,
      gradientNorm,
      ...(responses[i] && { response: responses[i].std }),
    }));
  };
}
