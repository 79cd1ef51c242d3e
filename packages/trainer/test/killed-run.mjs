// A run in a process of its own, to be killed: `node killed-run.mjs FOLDER`. Prints a line for each event.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sgd, train } from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';
import * as tf from '@tensorflow/tfjs';

const folder = process.argv[2];
const log = join(folder, 'log.jsonl');
await tf.setBackend('cpu');

const init = (seed) => tf.initializers.randomNormal({ stddev: 0.5, seed });
const model = tf.sequential({
  layers: [
    tf.layers.dense({ inputShape: [6], units: 8, useBias: false, kernelInitializer: init(1) }),
    tf.layers.batchNormalization({ momentum: 0.9 }),
    tf.layers.dense({ units: 3, kernelInitializer: init(2) }),
  ],
});

async function* batches(epoch, firstBatch) {
  for (let i = firstBatch; i < 7; i += 1) {
    const points = Array.from({ length: 8 }, (_, j) =>
      Array.from({ length: 6 }, (_, k) => Math.sin(epoch * 999 + i * 77 + j * 7 + k)),
    );
    const labels = Int32Array.from(points, ([x, y, z]) => (x > y ? 0 : y > z ? 1 : 2));
    yield { images: tf.tensor2d(points), labels };
  }
}

/** Drops what a log says beyond the checkpoint that the run goes on from. */
function cutBack({ step, evaluationPending }) {
  if (!existsSync(log)) return;
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'));
  const kept = lines.filter((line) => {
    const event = JSON.parse(line);
    return event.step < step || (event.step === step && !(event.type === 'evaluation' && evaluationPending));
  });
  writeFileSync(log, kept.map((line) => `${line}\n`).join(''));
}

train({
  model,
  batches,
  optimizer: sgd({ weightDecay: 1e-3 }),
  schedule: (step) => (step < 30 ? 0.1 : 0.01),
  steps: 60,
  averageDecay: 0.9,
  validation: { batches: () => batches(500, 0), every: 8 },
  checkpoints: { store: fileCheckpoints(folder), every: 5 },
}).subscribe((event) => {
  if (event.type === 'start') cutBack(event);
  if (event.type === 'step' || event.type === 'evaluation') {
    const line = JSON.stringify(event, (key, value) => (key.startsWith('seconds') ? undefined : value));
    appendFileSync(log, `${line}\n`);
  }
  process.stdout.write(`${event.type} ${event.step}\n`);
});
