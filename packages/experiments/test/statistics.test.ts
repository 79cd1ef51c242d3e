import { network, norm } from '@resnet/blocks';
import { type Batch, reestimateStatistics } from '@resnet/trainer';
import { expect, it } from 'vitest';

it('averages means and unbiased variances of batch normalization as PyTorch keeps them, by hand', async () => {
  const model = network({ inputShape: [1, 1, 1], seed: 1 }, norm());
  const batch = (...values: number[]): Batch => ({
    images: { data: Float32Array.from(values), shape: [values.length, 1, 1, 1] },
    labels: new Int32Array(values.length),
  });
  const batches = async function* () {
    yield* [batch(1, 5), batch(0, 2), batch(8, 8)];
  };
  expect(await reestimateStatistics(model, batches())).toBe(6);
  const [mean, variance] = model
    .getLayer('bn1')
    .nonTrainableWeights.slice(-2)
    .map((weight) => weight.read().dataSync()[0]!);
  expect(mean).toBeCloseTo((3 + 1 + 8) / 3, 5);
  expect(variance).toBeCloseTo((8 + 2 + 0) / 3, 5);
  model.dispose();
});
