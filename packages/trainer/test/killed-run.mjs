// A run in a process of its own, to be killed: `node killed-run.mjs FOLDER`. Prints a line for each event.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sgd, train } from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';
import * as tf from '@tensorflow/tfjs';
import { smallBatches, smallNet } from './small-problem.mjs';

const folder = process.argv[2];
const log = join(folder, 'log.jsonl');
await tf.setBackend('cpu');

const model = smallNet();
const batches = smallBatches();

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
