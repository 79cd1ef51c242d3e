import { findLearningRate, type Optimizer, sgd, TrainError, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { collect, fingerprint, toyModel, toyRun, toySource } from './toys';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const memory = (optimizer: Optimizer) =>
  (optimizer.state().slots.momentum ?? []).map((tensor) => [...tensor.dataSync()]);

/** An optimizer in the middle of its work. */
function used(model: tf.LayersModel): Optimizer {
  const optimizer = sgd();
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  tf.tidy(() =>
    optimizer.apply(
      trainable,
      trainable.map((variable) => tf.mul(variable, 0.3)),
      0.01,
    ),
  );
  return optimizer;
}

describe('findLearningRate', () => {
  it('sweeps the rates exponentially', async () => {
    const { points } = await findLearningRate({
      model: toyModel(),
      batches: toySource(),
      optimizer: sgd(),
      from: 1e-4,
      to: 1e-1,
      steps: 4,
    });
    const rates = points.map(({ rate }) => rate);
    for (const [i, rate] of [1e-4, 1e-3, 1e-2, 1e-1].entries()) expect(rates[i]).toBeCloseTo(rate, 10);
  });

  it('smooths without a bias towards 0', async () => {
    const { points } = await findLearningRate({
      model: toyModel(),
      batches: toySource(),
      optimizer: sgd(),
      to: 1e-3,
      steps: 3,
      smoothing: 0.9,
    });
    const [a, b, c] = points.map(({ loss }) => loss) as [number, number, number];
    const expected = [a, (0.9 * a + b) / 1.9, (0.81 * a + 0.9 * b + c) / 2.71];
    for (const [i, { smoothed }] of points.entries()) expect(smoothed).toBeCloseTo(expected[i]!, 10);
  });

  it('suggests a rate that trains, between one that does nothing and one that diverges', async () => {
    const search = { model: toyModel(), batches: toySource(), optimizer: sgd(), from: 1e-5, to: 1e4, steps: 80 };
    const { suggestion, points } = await findLearningRate(search);
    expect(points.length).toBeLessThan(80);
    const lossAfter = async (rate: number) => {
      const events = await collect(train(toyRun(toyModel(), { steps: 20, schedule: () => rate })));
      const last = events.at(-1);
      return last?.type === 'end' ? last.trainLoss : Number.NaN;
    };
    const [idle, suggested, wild] = [await lossAfter(1e-5), await lossAfter(suggestion!), await lossAfter(30)];
    expect(suggested).toBeLessThan(0.7 * idle);
    expect(suggested).toBeLessThan(wild);
  });

  it('gives back weights, statistics and the optimizer’s memory bit for bit, and every tensor', async () => {
    const model = toyModel();
    const optimizer = used(model);
    const before = { weights: fingerprint(model), memory: memory(optimizer) };
    const search = { model, batches: toySource(), optimizer, steps: 10 };
    await findLearningRate(search);
    const tensors = tf.memory().numTensors;
    await findLearningRate(search);
    expect({ weights: fingerprint(model), memory: memory(optimizer) }).toEqual(before);
    expect(before.memory).not.toEqual([]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('gives them back after an error, too', async () => {
    const model = toyModel();
    const optimizer = used(model);
    const before = { weights: fingerprint(model), memory: memory(optimizer) };
    const onStep = ({ rate }: { rate: number }) => {
      if (rate > 1e-3) throw new Error('enough');
    };
    await expect(findLearningRate({ model, batches: toySource(), optimizer, onStep })).rejects.toThrow('enough');
    expect({ weights: fingerprint(model), memory: memory(optimizer) }).toEqual(before);
  });

  it('refuses an impossible sweep', async () => {
    const search = { model: toyModel(), batches: toySource(), optimizer: sgd() };
    await expect(findLearningRate({ ...search, from: 1, to: 0.1 })).rejects.toThrow(TrainError);
    await expect(findLearningRate({ ...search, smoothing: 1 })).rejects.toThrow('smoothing');
    await expect(findLearningRate({ ...search, stopAt: 1 })).rejects.toThrow('stopAt');
  });
});
