import {
  type Batch,
  type EvaluationEvent,
  evaluate,
  memoryCheckpoints,
  newestCheckpoint,
  reestimateStatistics,
  restoreWeights,
  sgd,
  type TrainEvent,
  train,
} from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { partsOf } from '../src/batch';
import { difference } from './pytorch';
import { collect, fingerprint, heldOut, toyBatch, toyClasses, toyModel, toyRun, toyShape, toySource } from './toys';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const evaluations = (events: readonly TrainEvent[]) =>
  events.filter((event): event is EvaluationEvent => event.type === 'evaluation');
const values = (model: tf.LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);

/** A net without batch normalization, whose gradient is a sum over images. */
const plainModel = () =>
  tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [...toyShape] }),
      tf.layers.dense({ units: 5, activation: 'tanh', kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }) }),
      tf.layers.dense({ units: toyClasses, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
    ],
  });

describe('microBatch', () => {
  it('gives the gradient of the whole batch', async () => {
    const weights = await Promise.all(
      [undefined, 8, 3, 1].map(async (microBatch) => {
        const model = plainModel();
        const events = await collect(train(toyRun(model, { steps: 10, ...(microBatch ? { microBatch } : {}) })));
        const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss, event.error] : []));
        return [...values(model).flat(), ...losses];
      }),
    );
    for (const other of weights) expect(difference(other, weights[0]!)).toBeLessThan(2e-6);
  });

  it.each([
    [5, 4, [3, 2]],
    [9, 4, [3, 3, 3]],
    [128, 50, [43, 43, 42]],
    [8, 3, [3, 3, 2]],
    [4, 4, [4]],
  ])('cuts %i images of at most %i into equal parts', (size, most, sizes) => {
    const parts = partsOf(toyBatch(1, size), most, toyClasses);
    expect(parts.map((part) => part.size)).toEqual(sizes);
    const images = parts.flatMap((part) => [...part.images().dataSync()]);
    expect(images).toEqual([...(toyBatch(1, size).images as { data: Float32Array }).data]);
  });

  it('cuts tensors like arrays', async () => {
    const asTensors = async function* () {
      for await (const { images, labels } of toySource()(0, 0)) {
        yield { images: tf.tensor((images as { data: Float32Array }).data, [8, ...toyShape]), labels };
      }
    };
    const [a, b] = [toyModel(), toyModel()];
    await collect(train(toyRun(a, { microBatch: 3, steps: 5 })));
    await collect(train(toyRun(b, { microBatch: 3, steps: 5, batches: asTensors })));
    expect(fingerprint(a)).toBe(fingerprint(b));
  });
});

describe('averageDecay', () => {
  it('measures, saves and leaves in the model the average of the weights', async () => {
    const model = toyModel();
    const store = memoryCheckpoints();
    let average = values(model).map((weight) => weight.map(Number));
    const options = {
      averageDecay: 0.8,
      steps: 10,
      checkpoints: { store },
      validation: { batches: heldOut(), every: 5 },
    };
    const events = await collect(train(toyRun(model, options)), (event) => {
      if (event.type !== 'step') return;
      const now = values(model);
      average = average.map((weight, i) => weight.map((value, j) => 0.8 * value + 0.2 * now[i]![j]!));
    });
    expect(difference(values(model).flat(), average.flat())).toBeLessThan(1e-6);

    const { contents } = (await newestCheckpoint(store, expect.unreachable))!;
    const copy = toyModel(9);
    restoreWeights(copy, contents);
    expect(fingerprint(copy)).toBe(fingerprint(model));
    expect(evaluations(events).at(-1)).toMatchObject({ loss: (await evaluate(model, heldOut()())).loss });
  });

  it('does not change the training', async () => {
    const [a, b] = [toyModel(), toyModel()];
    const validation = { batches: heldOut(), every: 5 };
    const store = memoryCheckpoints();
    await collect(train(toyRun(a, { validation })));
    await collect(train(toyRun(b, { validation, averageDecay: 0.9, checkpoints: { store } })));
    const { tensors } = (await newestCheckpoint(store, expect.unreachable))!.contents;
    const raw = a.weights.map(({ originalName }) => [...(tensors.get(`model/${originalName}`)!.data as Float32Array)]);
    expect(raw).toEqual(values(a));
  });
});

describe('reduceGradients', () => {
  it('sees and may replace every gradient, before clipping', async () => {
    const model = plainModel();
    const before = values(model);
    const reduceGradients = (gradients: tf.Tensor[]) => {
      tf.dispose(gradients);
      return gradients.map(({ shape }) => tf.fill(shape, 100));
    };
    const size = before.flat().length;
    const optimizer = sgd({ momentum: 0, weightDecay: 0 });
    await collect(train(toyRun(model, { steps: 1, schedule: () => 1, optimizer, reduceGradients, clipNorm: 2 })));
    // Equal gradients clipped to a norm of 2: each is 2 / √size.
    const expected = before.flat().map((value) => value - 2 / Math.sqrt(size));
    expect(difference(values(model).flat(), expected)).toBeLessThan(1e-6);
  });
});

describe('validation and test', () => {
  it('come every N iterations and after the last; test once, at the end', async () => {
    let tests = 0;
    const test = () => {
      tests += 1;
      return heldOut(2)();
    };
    const model = toyModel();
    const events = await collect(
      train(toyRun(model, { steps: 13, validation: { batches: heldOut(), every: 4 }, test })),
    );
    expect(evaluations(events).map(({ split, step }) => [split, step])).toEqual([
      ['validation', 4],
      ['validation', 8],
      ['validation', 12],
      ['validation', 13],
      ['test', 13],
    ]);
    expect(tests).toBe(1);
    const { seconds: _, ...measured } = await evaluate(model, heldOut(2)());
    expect(events.at(-1)).toMatchObject({ type: 'end', test: measured });
  });

  it('name the best by validation error, then loss', async () => {
    const events = await collect(
      train(toyRun(toyModel(), { steps: 60, validation: { batches: heldOut(), every: 3 }, test: heldOut() })),
    );
    const seen = evaluations(events).filter(({ split }) => split === 'validation');
    const order = [...seen].sort((a, b) => a.error - b.error || a.loss - b.loss || a.step - b.step);
    const { step, error, loss } = order[0]!;
    expect(events.at(-1)).toMatchObject({ best: { step, error, loss } });
    seen.forEach((event, i) => {
      const beaten = seen
        .slice(0, i)
        .some((e) => e.error < event.error || (e.error === event.error && e.loss <= event.loss));
      expect(event.best).toBe(!beaten);
    });
    expect(evaluations(events).at(-1)).toMatchObject({ split: 'test', best: false });
  });

  it('do not change the training', async () => {
    const [a, b] = [toyModel(), toyModel()];
    await collect(train(toyRun(a)));
    await collect(train(toyRun(b, { validation: { batches: heldOut(), every: 1 }, test: heldOut() })));
    expect(fingerprint(b)).toBe(fingerprint(a));
  });
});

describe('readEvery', () => {
  it('reports the same steps, a few at a time', async () => {
    const losses = async (readEvery: number) => {
      const events = await collect(train(toyRun(toyModel(), { readEvery, steps: 11 })));
      return events.flatMap((event) => (event.type === 'step' ? [[event.step, event.loss, event.meanLoss]] : []));
    };
    const expected = await losses(1);
    expect(expected.length).toBe(11);
    expect(await losses(4)).toEqual(expected);
  });
});

describe('the window', () => {
  it('holds the last losses', async () => {
    const events = await collect(train(toyRun(toyModel(), { window: 4, steps: 10 })));
    const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
    const means = events.flatMap((event) => (event.type === 'step' ? [event.meanLoss] : []));
    losses.forEach((_, i) => {
      const last = losses.slice(Math.max(0, i - 3), i + 1);
      expect(means[i]).toBeCloseTo(last.reduce((sum, loss) => sum + loss, 0) / last.length, 12);
    });
  });
});

describe('reestimateStatistics', () => {
  const normModel = (momentum: number) =>
    tf.sequential({
      layers: [tf.layers.batchNormalization({ inputShape: [...toyShape], momentum }), tf.layers.flatten()],
    });

  /** Mean over batches of each batch's mean and variance, channel by channel, in plain loops. */
  function expected(batches: Batch[]) {
    const moments = batches.map(({ images }) => {
      const { data } = images as { data: Float32Array };
      return [0, 1, 2].map((channel) => {
        const own = data.filter((_, i) => i % 3 === channel);
        const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
        return [mean, own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length];
      });
    });
    const average = (channel: number, which: number) =>
      moments.reduce((sum, batch) => sum + batch[channel]![which]!, 0) / batches.length;
    return [0, 1].map((which) => [0, 1, 2].map((channel) => average(channel, which)));
  }

  it.each([0.9, 0.99])('takes true averages where layers keep %d', async (momentum) => {
    const model = normModel(momentum);
    const batches = [1, 2, 3, 4, 5].map((seed) => toyBatch(seed, 16));
    const images = await reestimateStatistics(
      model,
      (async function* () {
        yield* batches;
      })(),
    );
    expect(images).toBe(80);
    const [mean, variance] = expected(batches);
    const [, , movingMean, movingVariance] = values(model);
    expect(difference(movingMean!, mean!)).toBeLessThan(1e-6);
    expect(difference(movingVariance!, variance!)).toBeLessThan(1e-6);
  });

  it('leaves everything else, and leaves no tensor behind', async () => {
    const model = toyModel();
    const [before, tensors] = [values(model), tf.memory().numTensors];
    await reestimateStatistics(model, heldOut()());
    const after = values(model);
    expect(tf.memory().numTensors).toBe(tensors);
    model.weights.forEach(({ originalName }, i) => {
      if (originalName.includes('moving')) expect(after[i]).not.toEqual(before[i]);
      else expect(after[i]).toEqual(before[i]);
    });
  });

  it('puts the old statistics back when the data fail', async () => {
    const model = toyModel();
    const before = fingerprint(model);
    const failing = async function* () {
      yield toyBatch(1);
      throw new Error('broken');
    };
    await expect(reestimateStatistics(model, failing())).rejects.toThrow('broken');
    await expect(reestimateStatistics(model, heldOut(0)())).rejects.toThrow(/there must be a batch, got none/);
    expect(fingerprint(model)).toBe(before);
  });

  it('reads nothing where there are no statistics', async () => {
    const never = { [Symbol.asyncIterator]: () => expect.unreachable('read') };
    expect(await reestimateStatistics(plainModel(), never)).toBe(0);
  });
});
