import { basic, chain, convNorm, head, network, padded, relu, scope } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import { expectSame, hasDriver, start, tensor } from './software';

/** Scores, gradients of all weights and the statistics that a step leaves behind, of a net with weights drawn from a seed. */
function step(): tf.Tensor[] {
  const blocks = chain(
    convNorm(8, 3),
    relu,
    scope('a', basic(8, 1, padded())),
    scope('b', basic(16, 2, padded())),
    head(10),
  );
  const model = network({ inputShape: [8, 8, 3], seed: 1 }, blocks);
  const x = tensor([4, 8, 8, 3], 1);
  const dy = tensor([4, 10], 2);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  let scores: tf.Tensor | undefined;
  const { grads } = tf.variableGrads(() => {
    scores = tf.keep(model.apply(x, { training: true }) as tf.Tensor);
    return tf.sum(tf.mul(scores, dy)) as tf.Scalar;
  }, variables);
  const statistics = model.nonTrainableWeights.map((weight) => weight.read().clone());
  return [scores!, ...variables.map(({ name }) => grads[name]!), ...statistics];
}

describe.skipIf(!hasDriver)('a residual net on webgpu', () => {
  beforeAll(start);
  it('gives the scores, gradients and statistics of cpu', () => expectSame(step), 600_000);
});
