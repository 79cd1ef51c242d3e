// Kills worker threads at random moments of training, those that make batches and those that compute, and fills the memory of the
// backend. Each time an error that says which and what to do, within seconds, and a process that can go on afterwards.
//   node tools/torture/threads.js [--times 50] [--seed 1]
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { registerSimd, SimdMemoryError, SimdThreadError, setThreads, simdInfo } from '@resnet/backend';
import { batches, shapes10, WorkerError } from '@resnet/data';
import { createModel } from '@resnet/models';
import { memoryCheckpoints, newestCheckpoint, sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, tap } from 'rxjs';
import { must } from './command.js';
import { randomFrom } from './random.js';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
});
const times = Number(values.times);
const random = randomFrom(Number(values.seed));
const PATIENCE = 1000;
const HANG = 60_000;

// Every worker that anybody starts from now on, so that it can be ended.
const threads = createRequire(import.meta.url)('node:worker_threads');
const alive = { simd: new Set(), data: new Set() };
const Original = threads.Worker;
threads.Worker = class extends Original {
  constructor(...args) {
    super(...args);
    const kind = args[1]?.eval ? 'simd' : 'data';
    alive[kind].add(this);
    this.on('exit', () => alive[kind].delete(this));
  }
};

tf.enableProdMode();
await registerSimd({ threads: 3, maxBytes: 192 * 2 ** 20, patience: PATIENCE });
await tf.setBackend('simd');
const data = shapes10({ length: 640 });

/** Trains some steps; `at` is called before each. */
async function trained({ steps = 8, batch = 16, workers = 0, model = 'resnet8', at = () => {} } = {}) {
  const store = memoryCheckpoints();
  const network = createModel(model, { seed: 0 });
  const run = train({
    model: network,
    batches: (epoch, firstBatch) => batches(data, { batchSize: batch, epoch, firstBatch, workers, augment: 'cifar' }),
    optimizer: sgd(),
    schedule: (step) => {
      at(step);
      return 0.01;
    },
    steps,
    checkpoints: { store, every: 2 },
  });
  let last = Number.NaN;
  const events = run.pipe(
    tap((event) => {
      if (event.type === 'step') last = event.loss;
    }),
  );
  let timer;
  const hang = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('torture: a run hung')), HANG);
  });
  const error = await Promise.race([lastValueFrom(events).then(() => null), hang]).catch((error) => error);
  clearTimeout(timer);
  await newestCheckpoint(store, (message) => must(false, message));
  network.dispose();
  return { error, loss: last };
}

const undisturbed = (await trained()).loss;

async function computing() {
  const count = { during: 0, next: 0 };
  let slowest = 0;
  for (let i = 0; i < times; i++) {
    setThreads(3);
    const step = Math.floor(random() * 6);
    const victims = [...alive.simd].slice(0, 1 + Math.floor(random() * 2));
    const delay = random() * 20;
    let ended = Promise.resolve();
    const end = () => Promise.all(victims.map((victim) => victim.terminate()));
    const at = (now) => {
      if (now !== step) return;
      // The main thread does not come back to its timers within a step: one thread is ended at once, another while it works.
      if (delay < 10) ended = end();
      else ended = new Promise((resolve) => setTimeout(() => resolve(end()), delay - 10));
    };
    const start = performance.now();
    const first = await trained({ at });
    slowest = Math.max(slowest, performance.now() - start);
    await ended;
    // A run that was done before its threads ended leaves it to the next to notice.
    const { error, loss } = first.error ? first : await trained();
    if (!first.error)
      must(first.loss === undisturbed, `a run that survived must be right: ${first.loss}, not ${undisturbed}`);
    must(
      error instanceof SimdThreadError,
      `a dead thread must be told by SimdThreadError, got ${error?.stack ?? loss}`,
    );
    must(/all threads must finish \w+.*setThreads/.test(error.message), error.message);
    count[first.error ? 'during' : 'next'] += 1;
    must((await trained()).loss === undisturbed, 'after a dead thread training must go on, right');
  }
  return `simd: ${times} times threads ended, told by SimdThreadError each time (${count.during} in that run, ${count.next} in the next), slowest ${(slowest / 1000).toFixed(1)} s, each time training went on afterwards`;
}

async function making() {
  const count = { told: 0, unharmed: 0 };
  for (let i = 0; i < times; i++) {
    const step = Math.floor(random() * 6);
    const at = (now) => {
      if (now !== step) return;
      for (const victim of [...alive.data].slice(0, 1 + Math.floor(random() * 2)))
        setTimeout(() => victim.terminate(), random() * 30);
    };
    const { error, loss } = await trained({ workers: 2, at });
    if (error === null) must(loss === undisturbed, `a run that survived must be right: ${loss}, not ${undisturbed}`);
    else must(error instanceof WorkerError, `a dead worker must be told by WorkerError, got ${error.stack}`);
    count[error ? 'told' : 'unharmed'] += 1;
    must(alive.data.size === 0, 'no worker may be left');
  }
  return `data: ${times} times workers ended, ${count.told} told by WorkerError, ${count.unharmed} were done before, no thread left`;
}

async function memory() {
  const before = { used: simdInfo().usedBytes, tensors: tf.memory().numTensors };
  const messages = new Set();
  for (let i = 0; i < Math.ceil(times / 5); i++) {
    const { error } = await trained({ batch: 320, model: 'resnet20' });
    must(error instanceof SimdMemoryError, `a full pool must be told by SimdMemoryError, got ${error?.stack}`);
    must(/\[.*\] needs .* MiB, but .* are in use. Reduce the batch size/.test(error.message), error.message);
    messages.add(error.message);
    must((await trained()).loss === undisturbed, 'after a full pool a smaller batch must train, right');
    const now = { used: simdInfo().usedBytes, tensors: tf.memory().numTensors };
    must(
      JSON.stringify(now) === JSON.stringify(before),
      `a full pool must leave nothing: ${JSON.stringify({ before, now })}`,
    );
  }
  return `pool of 192 MiB: full ${Math.ceil(times / 5)} times, told by SimdMemoryError, nothing kept, a smaller batch trained each time`;
}

for (const part of [computing, making, memory]) console.log(await part());
process.exit();
