// What the trainer adds to a step: batches, augmentation, reading the loss, events and logs, beside forward, backward and update.
// `node bench/overhead.mjs [--steps 60] [--workers 0]`, after `npm run build`. Prints milliseconds and the share.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { useBackend } from '@resnet/backend';
import { batches, datasetStatistics, shapes10 } from '@resnet/data';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import { logEvents, logMetrics, logTensorBoard } from '@resnet/trainer/node';
import { lastValueFrom, tap } from 'rxjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '60' },
    workers: { type: 'string', default: '0' },
    model: { type: 'string', default: 'resnet20' },
  },
});
const { name: backend, threads } = await useBackend('simd');
const data = shapes10();
const { pixelMean } = await datasetStatistics(data);
const options = {
  batchSize: 128,
  workers: Number(values.workers),
  normalize: { mean: [...pixelMean] },
  augment: { module: '@resnet/augment', export: 'cifar' },
};
const folder = mkdtempSync(join(tmpdir(), 'overhead-'));

// The backend computes while it is called, so from the rate's question to the end of the update is the computation.
let asked = 0;
let computed = 0;
const optimizer = sgd();
const timed = {
  ...optimizer,
  apply: (...args) => {
    optimizer.apply(...args);
    computed = performance.now() - asked;
  },
};
const schedule = () => {
  asked = performance.now();
  return 0.1;
};

const steps = [];
await lastValueFrom(
  train({
    model: createModel(values.model, { seed: 0 }),
    batches: (epoch, firstBatch) => batches(data, { ...options, epoch, firstBatch }),
    optimizer: timed,
    schedule,
    steps: Number(values.steps),
  }).pipe(
    logEvents(join(folder, 'events.jsonl')),
    logMetrics(join(folder, 'metrics.csv')),
    logTensorBoard(folder),
    tap((event) => {
      if (event.type !== 'step' || event.step <= 5) return;
      const total = event.seconds * 1000;
      steps.push({ total, computed, data: event.secondsForData * 1000 });
    }),
  ),
);
rmSync(folder, { recursive: true });

const median = (key) => steps.map((step) => step[key]).sort((a, b) => a - b)[steps.length >> 1];
const [total, computation, forData] = ['total', 'computed', 'data'].map(median);
const overhead = median('total') - median('computed');
console.log(
  `${values.model}, batch 128, ${backend} on ${threads} threads, ${values.workers} workers: step ${total.toFixed(1)} ms, ` +
    `computation ${computation.toFixed(1)} ms, the rest ${overhead.toFixed(1)} ms (${((100 * overhead) / total).toFixed(1)} %), ` +
    `of which ${forData.toFixed(1)} ms waiting for data`,
);
process.exit();
