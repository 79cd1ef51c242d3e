import { type BatchLike, evaluate, memoryCheckpoints, TrainError, type TrainOptions, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { collect, fingerprint, heldOut, toyBatch, toyClasses, toyModel, toyRun, toySource } from './toys';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const flat = (seed: number) => {
  const { images, labels } = toyBatch(seed);
  const { data, shape } = images as { data: Float32Array; shape: [number, number, number, number] };
  return { data, shape, labels: labels as Int32Array };
};

/** One epoch of the toy run's batches in another form. */
const inForm = (form: (batch: ReturnType<typeof flat>) => BatchLike) =>
  async function* (epoch: number, firstBatch: number) {
    for (let i = firstBatch; i < 5; i++) yield form(flat(1000 * epoch + i));
  };

async function trained(options: Partial<TrainOptions>): Promise<string> {
  const model = toyModel();
  await collect(train(toyRun(model, { steps: 6, batches: toySource(), ...options })));
  return fingerprint(model);
}

describe('what is plainly meant is accepted, and trains the same weights', () => {
  const oneHot = (labels: Int32Array) =>
    Float32Array.from(
      { length: labels.length * toyClasses },
      (_, i) => +(labels[Math.floor(i / toyClasses)] === i % toyClasses),
    );
  const images = ({ data, shape }: ReturnType<typeof flat>) => ({ data, shape });

  it.each<[string, (batch: ReturnType<typeof flat>) => BatchLike]>([
    ['labels in a plain array', (batch) => ({ images: images(batch), labels: [...batch.labels] })],
    ['labels in bytes', (batch) => ({ images: images(batch), labels: Uint8Array.from(batch.labels) })],
    ['labels in an int32 tensor', (batch) => ({ images: images(batch), labels: tf.tensor1d(batch.labels, 'int32') })],
    ['labels in a float32 tensor', (batch) => ({ images: images(batch), labels: tf.tensor1d([...batch.labels]) })],
    [
      'one-hot labels in an int32 tensor',
      (batch) => ({ images: images(batch), labels: tf.oneHot([...batch.labels], toyClasses) }),
    ],
    [
      'one-hot labels in a plain array',
      ({ labels, ...batch }) => ({
        images: images({ labels, ...batch }),
        labels: { data: [...oneHot(labels)], shape: [labels.length, toyClasses] },
      }),
    ],
    [
      '{ xs, ys }, as fitDataset has it',
      (batch) => ({ xs: tf.tensor(batch.data, batch.shape), ys: tf.tensor1d(batch.labels, 'int32') }),
    ],
  ])('%s', async (_, form) => {
    const expected = await trained({});
    const before = tf.memory().numTensors;
    expect(await trained({ batches: inForm(form) })).toBe(expected);
    // The models' own weights and nothing else.
    expect(tf.memory().numTensors - before).toBe(toyModel().weights.length);
  });

  it('a dataset of tf.data, and an array of batches', async () => {
    const epoch = [0, 1, 2, 3, 4].map(flat);
    const batches = () => epoch.map(({ data, shape, labels }) => ({ images: { data, shape }, labels }));
    const expected = await trained({ steps: 10, batches });
    expect(await trained({ steps: 10, batches: batches() })).toBe(expected);
    const tensors = () =>
      epoch.map(({ data, shape, labels }) => ({ xs: tf.tensor(data, shape), ys: tf.tensor1d(labels, 'int32') }));
    const dataset = tf.data.generator(function* () {
      yield* tensors();
    });
    expect(await trained({ steps: 10, batches: dataset as never })).toBe(expected);
    const model = toyModel();
    const { seconds: _, ...scores } = await evaluate(model, dataset as never);
    const { seconds: __, ...plain } = await evaluate(model, batches());
    expect(scores).toEqual(plain);
  });

  it('a number for a schedule', async () => {
    expect(await trained({ schedule: 0.05 })).toBe(await trained({ schedule: () => 0.05 }));
  });
});

describe('what cannot be meant is named', () => {
  const refused = async (options: object) => {
    const run = train(toyRun(toyModel(), { steps: 6, ...options }));
    const error = await collect(run).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TrainError);
    return (error as TrainError).message;
  };

  it.each([
    ['NaN', Number.NaN, 'got NaN from the schedule at step 0'],
    ['a negative rate', -0.1, 'got -0.1 from'],
    ['infinity', Number.POSITIVE_INFINITY, 'got Infinity from'],
    ['text', '0.1', "got '0.1' from"],
    ['nothing', undefined, 'got undefined from'],
  ])('a schedule that gives %s', async (_, rate, message) => {
    expect(await refused({ schedule: () => rate })).toContain(message);
  });

  it('leaves the weights alone then', async () => {
    const model = toyModel();
    const before = fingerprint(model);
    await expect(collect(train(toyRun(model, { schedule: () => Number.NaN })))).rejects.toThrow('learning rate');
    expect(fingerprint(model)).toBe(before);
  });

  it.each([
    [
      'a schedule by name',
      { schedule: 'cosine' },
      "schedule must be a number, a function of the step or a schedule, got 'cosine'",
    ],
    ['an optimizer of TensorFlow.js', { optimizer: tf.train.sgd(0.1) }, 'got SGDOptimizer of TensorFlow.js. Use sgd('],
    ['no optimizer', { optimizer: undefined }, 'optimizer must have apply, state'],
    [
      'batches that are none',
      { batches: 7 },
      'batches must be something to iterate over, or a function that returns that, got 7',
    ],
    ['a source that returns nothing', { batches: () => undefined }, 'got undefined'],
    ['a null batch', { batches: () => [null] }, 'a batch must be { images, labels }, got null'],
    ['a batch of something else', { batches: () => [{ x: 1 }] }, 'got Object with x'],
  ])('%s', async (_, options, message) => {
    expect(await refused(options)).toContain(message);
  });

  const { data, shape, labels } = flat(1);
  it.each([
    [
      'images of another size',
      { images: { data: new Float32Array(8 * 75), shape: [8, 5, 5, 3] }, labels },
      "must have the shape [n, 4, 4, 3] of the model's input, got [8,5,5,3]",
    ],
    ['images without a shape', { images: data, labels }, 'must have the shape [n, 4, 4, 3]'],
    [
      'images with too few numbers',
      { images: { data: data.subarray(1), shape }, labels },
      'with 383 numbers in place of 384',
    ],
    ['a tensor of another rank', { images: tf.zeros([8, 48]), labels }, 'got [8,48]'],
    [
      'labels that are NaN',
      { images: { data, shape }, labels: Array(8).fill(Number.NaN) },
      'a label must be a whole number, the index of a class, got NaN',
    ],
    [
      'probabilities that are NaN',
      { images: { data, shape }, labels: { data: new Float32Array(24).fill(Number.NaN), shape: [8, 3] } },
      'probabilities must be from 0 to 1, got NaN',
    ],
    [
      'a negative probability',
      { images: { data, shape }, labels: { data: new Float32Array(24).fill(-1), shape: [8, 3] } },
      'got -1',
    ],
    [
      'no labels',
      { images: { data, shape }, labels: null },
      'labels must be class indices [n] or probabilities [n, classes], got null',
    ],
    ['labels of rank 3', { images: { data, shape }, labels: tf.zeros([8, 3, 1]) }, 'got a tensor [8,3,1]'],
  ])('%s', async (_, batch, message) => {
    expect(await refused({ batches: () => [batch] })).toContain(message);
  });

  it('a schedule that waits for validations of a run without them', async () => {
    const schedule = { rate: () => 0.1, metrics: ['validationLoss'], observe: () => undefined };
    expect(await refused({ schedule })).toContain('listens to validationLoss must have a validation, got none');
    const checkpoints = { store: memoryCheckpoints() };
    await collect(
      train(toyRun(toyModel(), { steps: 6, schedule, checkpoints, validation: { batches: heldOut(), every: 3 } })),
    );
  });
});
