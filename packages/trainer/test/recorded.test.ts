import type { Worker } from 'node:worker_threads';
import { registerSimd, SimdThreadError, setThreads, simdInfo } from '@resnet/backend';
import { createModel } from '@resnet/models';
import {
  adamw,
  type Batch,
  type BatchSource,
  memoryCheckpoints,
  type RecordingBackend,
  type RecordingReport,
  sgd,
  type TrainOptions,
  train,
} from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collect, fingerprint, metricLog, random } from './toys';

// A recorded step on the one backend that records wherever tests run. What is expected is what TensorFlow.js computes step by step.

const workers: Worker[] = [];

beforeAll(async () => {
  // Lets a test reach the workers.
  const threads = process.getBuiltinModule('node:worker_threads');
  const Original = threads.Worker;
  threads.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Original>) {
      super(...args);
      workers.push(this);
    }
  };
  await registerSimd({ threads: 2 });
  await tf.setBackend('simd');
});

const shape = [8, 8, 3] as const;
const classes = 5;

/** A batch that depends on its seed only. */
function batchOf(seed: number, size: number): Batch {
  const draw = random(seed);
  const data = Float32Array.from({ length: size * shape[0] * shape[1] * shape[2] }, () => draw() - 0.5);
  const labels = Int32Array.from({ length: size }, () => Math.floor(draw() * classes));
  return { images: { data, shape: [size, ...shape] }, labels };
}

/** Epochs of ten whole batches and a smaller one. */
const source = async function* (epoch: number, firstBatch: number): AsyncGenerator<Batch> {
  for (let i = firstBatch; i <= 10; i += 1) yield batchOf(100 * epoch + i, i < 10 ? 8 : 5);
};

/** Every kind of job: Winograd, strides, normalization, both shortcuts, pooling, a dense layer. */
const net = () => createModel('resnet8', { seed: 1, inputShape: [...shape], classes });

const rateAt = (step: number) => 0.05 / (1 + step / 100);

interface Outcome {
  readonly weights: string;
  readonly log: string[];
  readonly reports: RecordingReport[];
}

/** Trains a new net. */
async function outcome(options: Partial<TrainOptions>, model = net()): Promise<Outcome> {
  const reports: RecordingReport[] = [];
  const whole: TrainOptions = {
    model,
    batches: source,
    optimizer: sgd(),
    schedule: rateAt,
    steps: 40,
    onRecording: (report) => reports.push(report),
    ...options,
  };
  const events = await collect(train(whole));
  const result = { weights: fingerprint(model), log: metricLog(events), reports };
  model.dispose();
  return result;
}

const heldOut = async function* () {
  for (let i = 0; i < 3; i += 1) yield batchOf(-1 - i, 12);
};

const operations = (reports: readonly RecordingReport[]) => reports.filter((report) => 'operations' in report);
const reasons = (reports: readonly RecordingReport[]) =>
  reports.map((report) => ('reason' in report ? report.reason : 'recorded'));

describe('a recorded step', () => {
  it('is what TensorFlow.js computes, bit for bit, over 300 steps', { timeout: 240_000 }, async () => {
    const options = { steps: 300, validation: { batches: heldOut, every: 50 }, averageDecay: 0.9 };
    const eager = await outcome({ ...options, record: false });
    const recorded = await outcome(options);
    expect(operations(recorded.reports).map(({ images }) => images)).toEqual([
      [8, ...shape],
      [5, ...shape],
    ]);
    expect(recorded.log).toEqual(eager.log);
    expect(recorded.log).toHaveLength(306);
    expect(recorded.weights).toBe(eager.weights);
  });

  it.each<[string, Partial<TrainOptions>]>([
    ['nesterov, no decay', { optimizer: sgd({ nesterov: true, weightDecay: 0 }) }],
    ['adamw', { optimizer: adamw() }],
    ['gradients clipped by their norm', { clipNorm: 0.5 }],
    ['smoothed labels', { labelSmoothing: 0.1 }],
    ['losses read late', { readEvery: 8 }],
  ])('with %s, too', async (_, options) => {
    const eager = await outcome({ ...options, record: false });
    const recorded = await outcome(options);
    expect(operations(recorded.reports)).toHaveLength(2);
    expect(recorded.log).toEqual(eager.log);
    expect(recorded.weights).toBe(eager.weights);
  });

  it('takes images that are tensors', async () => {
    const tensors: BatchSource = async function* (epoch, firstBatch) {
      for await (const { images, ...batch } of source(epoch, firstBatch)) {
        if (images instanceof tf.Tensor) throw new Error('a list was expected');
        yield { ...batch, images: tf.tensor(images.data, [...images.shape]) };
      }
    };
    const eager = await outcome({ record: false });
    const recorded = await outcome({ batches: tensors });
    expect(operations(recorded.reports)).toHaveLength(2);
    expect(recorded.weights).toBe(eager.weights);
  });

  it('goes on from a checkpoint, and after an exception, as if nothing had been', async () => {
    const eager = await outcome({ steps: 60, record: false });
    const store = memoryCheckpoints();
    const run = { steps: 60, checkpoints: { store, every: 10 } };
    let failed = false;
    const failing: BatchSource = async function* (epoch, firstBatch) {
      for await (const batch of source(epoch, firstBatch)) {
        // Once, among replayed steps: a label that there is no class for.
        const spoiled = epoch === 3 && !failed;
        failed ||= spoiled;
        yield spoiled ? { ...batch, labels: new Int32Array(8).fill(classes) } : batch;
      }
    };
    await expect(outcome({ ...run, batches: failing })).rejects.toThrow(/a label must be a class index/);
    const resumed = await outcome({ ...run, batches: failing });
    expect(operations(resumed.reports)).toHaveLength(2);
    expect(resumed.weights).toBe(eager.weights);
  });

  it('ends with an error when a thread dies, and goes on from the checkpoint', async () => {
    const eager = await outcome({ steps: 60, record: false });
    const store = memoryCheckpoints();
    const run = { steps: 60, checkpoints: { store, every: 10 } };
    let killed = false;
    const killing: BatchSource = async function* (epoch, firstBatch) {
      for await (const batch of source(epoch, firstBatch)) {
        if (epoch === 3 && !killed) await Promise.all(workers.map((worker) => worker.terminate()));
        killed ||= epoch === 3;
        yield batch;
      }
    };
    await expect(outcome({ ...run, batches: killing })).rejects.toThrow(SimdThreadError);
    const resumed = await outcome({ ...run, batches: killing });
    expect(operations(resumed.reports)).toHaveLength(2);
    expect(resumed.weights).toBe(eager.weights);
    setThreads(2);
  });

  it('follows weights that somebody assigns in between, and leaves alone what somebody keeps', async () => {
    const meddled = async (record: boolean) => {
      const model = net();
      const [first] = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const kept: tf.Tensor[] = [];
      const meddling: BatchSource = async function* (epoch, firstBatch) {
        for await (const batch of source(epoch, firstBatch)) {
          if (epoch === 1 && batch.images.shape[0] === 8) kept.push(first!.clone());
          if (epoch === 2) tf.tidy(() => first!.assign(tf.mul(first!, 0.5)));
          yield batch;
        }
      };
      const result = await outcome({ batches: meddling, record }, model);
      const values = await Promise.all(kept.map(async (tensor) => [...(await tensor.data())]));
      tf.dispose(kept);
      return { ...result, values };
    };
    const eager = await meddled(false);
    const recorded = await meddled(true);
    expect(operations(recorded.reports)).toHaveLength(2);
    expect(recorded.values).toEqual(eager.values);
    expect(recorded.weights).toBe(eager.weights);
  });

  it('does not depend on the threads', async () => {
    const one = await outcome({ record: false });
    const changing: BatchSource = async function* (epoch, firstBatch) {
      for await (const batch of source(epoch, firstBatch)) {
        setThreads(1 + (epoch % 3));
        yield batch;
      }
    };
    const recorded = await outcome({ batches: changing });
    setThreads(2);
    expect(recorded.weights).toBe(one.weights);
  });

  it('keeps memory flat over 1,000 steps and gives it back', { timeout: 240_000 }, async () => {
    const sizes: unknown[] = [];
    const before = { ...simdInfo(), tensors: tf.memory().numTensors };
    const watched: BatchSource = async function* (epoch) {
      for (let i = 0; i < 8; i += 1) {
        if (epoch === 5 || epoch === 124) sizes.push({ ...simdInfo(), tensors: tf.memory().numTensors });
        yield batchOf(8 * epoch + i, 4);
      }
    };
    await outcome({ batches: watched, steps: 1000 });
    expect(sizes).toHaveLength(16);
    expect(new Set(sizes.map((size) => JSON.stringify(size))).size).toBe(1);
    const after = { ...simdInfo(), tensors: tf.memory().numTensors };
    expect(after.tensors).toBe(before.tensors);
    // Tensors of the run are gone; scratch may have grown.
    expect(after.usedBytes - before.usedBytes).toBeLessThan(8 * 2 ** 20);
  });
});

describe('steps that are not recorded say why', () => {
  afterEach(async () => {
    await tf.setBackend('simd');
  });

  const toy = (...middle: tf.layers.Layer[]) =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [...shape], filters: 4, kernelSize: 3, padding: 'same' }),
        ...middle,
        tf.layers.globalAveragePooling2d({}),
        tf.layers.dense({ units: classes }),
      ],
    });

  /** A layer of a user's own. */
  class Custom extends tf.layers.Layer {
    static readonly className = 'RecordedTestCustom';
    constructor(private readonly f: (x: tf.Tensor) => tf.Tensor) {
      super({});
    }
    override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return tf.tidy(() => this.f([x].flat()[0]!));
    }
  }
  let calls = 0;

  it.each<[string, () => tf.LayersModel, Partial<TrainOptions>, RegExp]>([
    ['when told not to', () => toy(), { record: false }, /^record is false$/],
    ['micro-batches', () => toy(), { microBatch: 4 }, /^microBatch cuts its batches$/],
    ['a sum over machines', () => toy(), { reduceGradients: (g) => g }, /^reduceGradients runs between/],
    ['dropout', () => toy(tf.layers.dropout({ rate: 0.5 })), {}, /^the model draws random numbers in JavaScript/],
    ["an op of a user's", () => toy(new Custom((x) => tf.sin(x))), {}, /^Sin runs in JavaScript$/],
    [
      'values read in between',
      () => toy(new Custom((x) => tf.mul(x, x.dataSync()[0]! > 9 ? 2 : 1))),
      {},
      /runs in JavaScript$/,
    ],
    [
      'numbers that change',
      () => toy(new Custom((x) => tf.mul(x, ++calls))),
      {},
      /^two steps differ: the number .* after the number/,
    ],
    [
      'operations that change',
      () => toy(new Custom((x) => (++calls % 2 ? tf.mul(x, x) : tf.add(x, x)))),
      {},
      /^two steps differ: /,
    ],
  ])('%s', async (_, model, options, reason) => {
    calls = 0;
    const { reports } = await outcome({ steps: 6, ...options, batches: wholeBatches }, model());
    expect(reasons(reports)).toEqual([expect.stringMatching(reason)]);
  });

  const wholeBatches: BatchSource = async function* (epoch) {
    yield batchOf(epoch, 8);
  };

  it('an optimizer that does not tell its numbers', async () => {
    const { recordable: _, ...optimizer } = sgd();
    const { reports } = await outcome({ steps: 4, optimizer, batches: wholeBatches });
    expect(reasons(reports)).toEqual([expect.stringMatching(/Optimizer\.recordable/)]);
  });

  it('a backend that cannot', async () => {
    await tf.setBackend('cpu');
    const { reports } = await outcome({ steps: 2, batches: wholeBatches }, toy());
    expect(reasons(reports)).toEqual(['the cpu backend does not record']);
  });
});

describe('recordings', () => {
  const recorder = () => tf.backend() as unknown as RecordingBackend;

  it('of two shapes live side by side, a third replaces the oldest', async () => {
    const sizes = [4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 4, 4, 4, 4, 6, 5];
    const cycling: BatchSource = async function* (_, firstBatch) {
      for (let i = firstBatch; i < sizes.length; i += 1) yield batchOf(i, sizes[i]!);
    };
    const eager = await outcome({ steps: sizes.length, batches: cycling, record: false });
    const recorded = await outcome({ steps: sizes.length, batches: cycling });
    expect(operations(recorded.reports).map(({ images }) => images[0])).toEqual([4, 5, 6, 4]);
    expect(recorded.weights).toBe(eager.weights);
  });

  it('give way where memory is short: steps run as ever', () => {
    const weight = tf.tidy(() => tf.variable(tf.ones([4])));
    const inputs = [tf.ones([4])];
    const step = {
      inputs,
      state: () => [weight],
      run: () =>
        tf.tidy(() => {
          weight.assign(tf.mul(weight, inputs[0]!));
          return tf.sum(weight);
        }),
    };
    const record = recorder().recordStep(step);
    if (!('recording' in record)) throw new Error(record.reason);
    const [replayed] = [record.recording.replay([Float32Array.of(2, 2, 2, 2)])!];
    expect(replayed.dataSync()[0]).toBe(8);
    record.recording.dispose();
    expect(record.recording.replay([Float32Array.of(2, 2, 2, 2)])).toBeNull();
    expect([...weight.dataSync()]).toEqual([2, 2, 2, 2]);
    tf.dispose([weight, ...inputs, record.output, replayed]);
  });

  it('are not made of a step that throws, and leave nothing behind', () => {
    const weight = tf.tidy(() => tf.variable(tf.ones([4])));
    weight.dataSync();
    const before = { ...simdInfo(), tensors: tf.memory().numTensors };
    const inputs: tf.Tensor[] = [];
    const run = () =>
      tf.tidy((): tf.Tensor => {
        tf.relu(tf.mul(weight, 3)).dataSync();
        throw new Error('in the middle');
      });
    expect(() => recorder().recordStep({ inputs, state: () => [weight], run })).toThrow('in the middle');
    const { poolBytes: _, ...after } = { ...simdInfo(), tensors: tf.memory().numTensors };
    expect(before).toMatchObject({ ...after, usedBytes: expect.any(Number) });
    expect(after.usedBytes - before.usedBytes).toBeLessThanOrEqual(128); // the variable moved into the pool
    weight.dispose();
  });
});
