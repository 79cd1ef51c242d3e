import {
  basic,
  basicBlock,
  bottleneck,
  bottleneckBlock,
  chain,
  convNorm,
  head,
  network,
  norm,
  padded,
  preactBasic,
  preactBottleneck,
  projectedAlways,
  type ResidualBlock,
  relu,
  scope,
} from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

const blocks: [string, ResidualBlock][] = [
  ['basic', basic],
  ['bottleneck', bottleneck],
  ['preactBasic', preactBasic],
  ['preactBottleneck', preactBottleneck],
];

const build = (block: ResidualBlock, shortcut = padded()) =>
  network(
    { inputShape: [8, 8, 3], seed: 0 },
    chain(
      ...[convNorm(8, 3), relu, scope('a', block(8, 1, shortcut)), scope('b', block(16, 2, shortcut))],
      chain(norm(), relu, head(2)),
    ),
  );

/** Dark and bright images. */
const data = () => {
  const bright = tf.range(0, 8).mod(tf.scalar(2));
  const images = tf.randomNormal([8, 8, 8, 3], 0, 0.5, 'float32', 1).add(bright.reshape([8, 1, 1, 1]));
  return { images, labels: tf.oneHot(bright.toInt(), 2) };
};

describe.each(blocks)('%s', (_, block) => {
  it('learns by model.fit, and its running statistics follow', async () => {
    const model = build(block);
    model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: (y, z) => tf.losses.softmaxCrossEntropy(y, z) });
    const { images, labels } = data();
    const { history } = await model.fit(images, labels, { epochs: 6, batchSize: 8, shuffle: false, verbose: 0 });
    const losses = history.loss as number[];
    expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]!);
    const [mean] = model.getLayer('bn1').nonTrainableWeights;
    expect(tf.max(tf.abs(mean!.read())).arraySync()).toBeGreaterThan(0.01);
  });

  it('saves, loads and predicts the same', async () => {
    const model = build(block, projectedAlways);
    const { images } = data();
    model.apply(images, { training: true });
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    expect(loaded.layers.map(({ name }) => name)).toEqual(model.layers.map(({ name }) => name));
    expect((loaded.predict(images) as tf.Tensor).arraySync()).toEqual((model.predict(images) as tf.Tensor).arraySync());
  });
});

describe('options', () => {
  it.each([
    ['1x1', [4, 4]],
    ['3x3', [8, 4]],
  ] as const)('strideIn %s puts the stride there', (strideIn, [first, second]) => {
    const model = network({ inputShape: [8, 8, 4] }, bottleneckBlock({ strideIn })(2, 2));
    expect(model.getLayer('conv1').outputShape).toEqual([null, first, first, 2]);
    expect(model.getLayer('conv2').outputShape).toEqual([null, second, second, 2]);
  });

  it('zeroLastScale makes a block begin as its shortcut', () => {
    const model = network({ inputShape: [8, 8, 4], seed: 1 }, basicBlock({ zeroLastScale: true })(4));
    const x = tf.abs(data().images.slice([0, 0, 0, 0], [1, 8, 8, 1])).tile([1, 1, 1, 4]);
    expect((model.apply(x, { training: true }) as tf.Tensor).arraySync()).toEqual(x.arraySync());
  });

  it('null sizes take images of any size', () => {
    const model = network({ inputShape: [null, null, 3], seed: 1 }, chain(basic(4, 2), head(2)));
    for (const [height, width] of [
      [8, 8],
      [13, 9],
    ] as const) {
      expect((model.predict(tf.ones([1, height, width, 3])) as tf.Tensor).shape).toEqual([1, 2]);
    }
  });
});
