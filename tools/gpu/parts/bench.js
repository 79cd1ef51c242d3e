// Prints, as JSON, what a training step takes on the GPU, op by op and recorded: bench.js MODEL BATCH [STRETCHES] [true|false|both]
// A stretch is 20 steps between two readings, 5 of large images. Third argument: recorded steps, op by op, or both.
import { useBackend } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { failOnDivergence, sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, tap, toArray } from 'rxjs';

const [name, size = '128', count = '10', recorded = 'both'] = process.argv.slice(2);
const batch = Number(size);
tf.enableProdMode();
await useBackend('webgpu', { software: Boolean(process.env.SOFTWARE) });

/** Seconds a step of each stretch of training; the first two, which compile and record, are left out. */
async function stretches(record) {
  const begin = performance.now();
  const since = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  const model = createModel(name, { seed: 1 });
  console.error(`${name} made after ${since()}`);
  const shape = [batch, ...model.inputs[0].shape.slice(1)];
  /** Steps between two readings: the device runs behind, so only a whole stretch has a time. */
  const readEvery = shape[1] > 64 ? 5 : 20;
  const length = shape.reduce((product, side) => product * side, 1);
  const images = { data: Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898)), shape };
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  async function* batches() {
    for (;;) yield { images, labels };
  }
  const schedule = () => 0.01;
  const steps = readEvery * (Number(count) + 2);
  const optimizer = sgd({ momentum: 0.9, weightDecay: 1e-4 });
  const cpu = process.cpuUsage();
  const policies = [failOnDivergence()];
  const taken = await lastValueFrom(
    train({ model, batches, schedule, optimizer, steps, readEvery, record, policies }).pipe(
      filter(({ type }) => type === 'step'),
      tap(({ step }) => step % readEvery === 1 && console.error(`step ${step + readEvery - 1} after ${since()}`)),
      toArray(),
    ),
  );
  const { user, system } = process.cpuUsage(cpu);
  model.dispose();
  const each = taken
    .map(({ seconds }) => seconds)
    .filter((_, i) => i % readEvery === 0)
    .slice(2)
    .sort((a, b) => a - b);
  return {
    record,
    loss: { first: taken[0].loss, last: taken.at(-1).loss },
    milliseconds: { median: 1000 * each[each.length >> 1], min: 1000 * each[0], max: 1000 * each.at(-1) },
    cpuMillisecondsPerStep: (user + system) / 1000 / steps,
    secondsInAll: (performance.now() - begin) / 1000,
  };
}

for (const record of [true, false].filter((way) => recorded === 'both' || recorded === String(way)))
  console.log(JSON.stringify({ model: name, batch, ...(await stretches(record)) }));
process.exit(0);
