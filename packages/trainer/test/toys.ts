import { createHash } from 'node:crypto';
import { type Batch, sgd, type TrainEvent, type TrainOptions } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import type { Observable } from 'rxjs';

/** 4×4 images of three classes that a small net learns at once: class c is bright in channel c. */
export const toyClasses = 3;
export const toyShape = [4, 4, 3] as const;

/** A repeatable generator (mulberry32), uniform in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A batch that depends on its seed only. */
export function toyBatch(seed: number, size = 8): Batch {
  const draw = random(seed);
  const each = toyShape[0] * toyShape[1] * toyShape[2];
  const labels = Int32Array.from({ length: size }, () => Math.floor(draw() * toyClasses));
  const data = Float32Array.from({ length: size * each }, (_, i) => {
    const bright = i % 3 === labels[Math.floor(i / each)];
    return draw() - 0.5 + (bright ? 0.5 : 0);
  });
  return { images: { data, shape: [size, ...toyShape] }, labels };
}

/** Epochs of `perEpoch` batches. */
export const toySource = (perEpoch = 5, size = 8) =>
  async function* (epoch: number, firstBatch: number): AsyncGenerator<Batch> {
    for (let i = firstBatch; i < perEpoch; i += 1) yield toyBatch(1000 * epoch + i, size);
  };

/** The same held-out batches each time. */
export const heldOut = (count = 3, size = 8) =>
  async function* (): AsyncGenerator<Batch> {
    for (let i = 0; i < count; i += 1) yield toyBatch(-1 - i, size);
  };

/** Convolution, batch normalization, ReLU, pooling, scores: the smallest net with every kind of state. */
export function toyModel(seed = 1): tf.LayersModel {
  const init = (offset: number) => tf.initializers.randomNormal({ stddev: 0.3, seed: seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: 'conv',
        inputShape: [...toyShape],
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        useBias: false,
        kernelInitializer: init(0),
      }),
      tf.layers.batchNormalization({ name: 'norm', momentum: 0.9, epsilon: 1e-5 }),
      tf.layers.reLU({ name: 'relu' }),
      tf.layers.globalAveragePooling2d({ name: 'pool' }),
      tf.layers.dense({ name: 'fc', units: toyClasses, kernelInitializer: init(1) }),
    ],
  });
}

/** A short run; override what a test is about. */
export const toyRun = (model: tf.LayersModel, options: Partial<TrainOptions> = {}): TrainOptions => ({
  model,
  batches: toySource(),
  schedule: () => 0.1,
  optimizer: sgd(),
  steps: 12,
  window: 4,
  ...options,
});

/** All events of a stream. */
export function collect(
  stream: Observable<TrainEvent>,
  each: (event: TrainEvent) => void = () => {},
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  return new Promise((resolve, reject) =>
    stream.subscribe({
      next: (event) => {
        events.push(event);
        each(event);
      },
      error: reject,
      complete: () => resolve(events),
    }),
  );
}

/** SHA-256 of all weights of a model, statistics included. */
export const fingerprint = (model: tf.LayersModel): string => {
  const hash = createHash('sha256');
  for (const weight of model.getWeights()) hash.update(new Uint8Array(weight.dataSync<'float32'>().buffer));
  return hash.digest('hex');
};

/** The events without what wall time and interruptions change: steps and evaluations by step. */
export const metricLog = (events: readonly TrainEvent[]): string[] =>
  events
    .filter((event) => event.type === 'step' || event.type === 'evaluation')
    .map((event) => JSON.stringify(event, (key, value) => (key.startsWith('seconds') ? undefined : value)));
