// What a replayed WebGPU step costs the CPU, without a GPU: Dawn's null backend takes all commands and computes nothing.
// `node bench/webgpu-step.mjs [--model resnet20] [--batch 8] [--steps 400]`, after `npm run build`. Prints dispatches and milliseconds of CPU
// a step, all threads together: of the replay alone, and of the trainer's whole loop around it.
import { parseArgs } from 'node:util';
import { useBackend, webGpuInfo } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, tap } from 'rxjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'resnet20' },
    batch: { type: 'string', default: '8' },
    steps: { type: 'string', default: '400' },
  },
});
const [batch, count] = [Number(values.batch), Number(values.steps)];

/** Dawn with the null backend in place of Vulkan. */
async function load(name) {
  if (name !== 'webgpu') return import(name);
  const { create, globals } = await import(name);
  return { create: () => create(['backend=null']), globals };
}

/** CPU milliseconds of this process so far. */
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

// The self-check refuses what computes nothing; the backend stays registered.
await useBackend('webgpu', { software: true, load }).catch(() => {});
await tf.setBackend('webgpu');
const model = createModel(values.model, { seed: 1 });
const shape = [batch, ...model.inputs[0].shape.slice(1)];
const images = { data: new Float32Array(tf.util.sizeFromShape(shape)), shape };
const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
async function* batches() {
  for (;;) yield { images, labels };
}

/** CPU milliseconds inside replays. */
let replaying = 0;
const backend = tf.backend();
const { recordStep } = backend;
backend.recordStep = (step) => {
  const record = recordStep.call(backend, step);
  const { recording } = record;
  if (!recording) return record;
  const replay = (inputs) => {
    const begin = cpu();
    const output = recording.replay(inputs);
    replaying += cpu() - begin;
    return output;
  };
  return { ...record, recording: { ...recording, replay } };
};

/** Readings come every `count` steps; the first stretch compiles, records and warms up. */
const marks = [];
const mark = () => marks.push({ cpu: cpu(), replaying, dispatches: webGpuInfo().dispatches });
await lastValueFrom(
  train({ model, batches, schedule: () => 0.1, optimizer: sgd(), steps: 2 * count, readEvery: count }).pipe(
    filter(({ type, step }) => type === 'step' && step % count === 0),
    tap(mark),
  ),
);
const [before, after] = marks;
const each = (key) => (after[key] - before[key]) / count;
console.log(
  `${values.model}, batch ${batch}, Dawn's null backend: ${each('dispatches').toFixed(1)} dispatches a step, ` +
    `${each('replaying').toFixed(2)} ms of CPU a replay, ${each('cpu').toFixed(2)} ms with the loop around it`,
);
process.exit();
