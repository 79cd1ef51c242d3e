// Where a training step's time goes on the GPU, kernel by kernel: profile.js MODEL BATCH
import { useBackend } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, tap } from 'rxjs';
import { timeDispatches } from './time-dispatches.js';

const [name, size = '128'] = process.argv.slice(2);
const batch = Number(size);
tf.enableProdMode();
await useBackend('webgpu', { software: Boolean(process.env.SOFTWARE) });
const model = createModel(name, { seed: 1 });
const shape = [batch, ...model.inputs[0].shape.slice(1)];
const data = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898));
const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
async function* batches() {
  for (;;) yield { images: { data, shape }, labels };
}
/** Steps of a stretch: the first compiles and records, the second is timed by the clock, the third by timestamps. */
const STRETCH = 8;
const ends = [];
let stop;
const training = train({
  model,
  batches,
  steps: 3 * STRETCH,
  schedule: () => 0.01,
  optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
  readEvery: STRETCH,
}).pipe(
  filter(({ type, step }) => type === 'step' && step % STRETCH === 0),
  tap(() => {
    ends.push(performance.now());
    if (ends.length === 2) stop = timeDispatches(tf.backend().device);
  }),
);
await lastValueFrom(training);
const rows = await stop();
const sum = (pick) => rows.reduce((total, row) => total + pick(row), 0) / STRETCH;
const step = {
  dispatches: sum(({ calls }) => calls),
  microseconds: sum(({ microseconds }) => microseconds),
  wallMilliseconds: (ends[1] - ends[0]) / STRETCH,
};
console.log(JSON.stringify({ model: name, batch, step }));
for (const { label, calls, microseconds } of rows) {
  console.log(
    `${(microseconds / STRETCH).toFixed(1).padStart(10)} µs  ${(calls / STRETCH).toFixed(1).padStart(6)} ×  ${label}`,
  );
}
process.exit(0);
