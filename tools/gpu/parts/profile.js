// Where a training step's time goes on the GPU, kernel by kernel: profile.js MODEL BATCH
import { useBackend } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
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
const steps = (count) =>
  lastValueFrom(
    train({ model, batches, steps: count, schedule: () => 0.01, optimizer: sgd(), readEvery: count, record: false }),
  );
await steps(3); // compiles
const start = performance.now();
await steps(5);
const wall = (1000 * (performance.now() - start)) / 5;
const rows = await timeDispatches(tf.backend().device, () => steps(5));
const sum = (pick) => rows.reduce((total, row) => total + pick(row), 0) / 5;
const whole = { dispatches: sum(({ calls }) => calls), microseconds: sum(({ microseconds }) => microseconds), wall };
console.log(JSON.stringify({ model: name, batch, step: whole }));
for (const { label, calls, microseconds } of rows) {
  console.log(`${(microseconds / 5).toFixed(1).padStart(10)} µs  ${(calls / 5).toFixed(1).padStart(6)} ×  ${label}`);
}
process.exit(0);
