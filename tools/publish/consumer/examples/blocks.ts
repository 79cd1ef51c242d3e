import { basic, chain, convNorm, head, network, padded, relu, repeat, scope } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';

const stage = (name: string, filters: number, stride: number) =>
  scope(
    name,
    repeat(2, (i) => scope(`${i}`, basic(filters, i === 0 ? stride : 1, padded()))),
  );

/** Builds, fits, saves and loads a net; both predict the same. */
export const example = async () => {
  const model = network(
    { inputShape: [8, 8, 3], seed: 1 },
    chain(convNorm(8, 3), relu, stage('layer1', 8, 1), stage('layer2', 16, 2), head(2)),
  );

  const labels = [0, 1, 0, 1, 0, 1, 0, 1];
  const images = tf.randomNormal([8, 8, 8, 3], 0, 0.5).add(tf.tensor(labels, [8, 1, 1, 1]));
  model.compile({
    optimizer: tf.train.momentum(0.1, 0.9),
    loss: (y, logits) => tf.losses.softmaxCrossEntropy(y, logits),
  });
  await model.fit(images, tf.oneHot(labels, 2), { epochs: 5, verbose: 0 });

  let saved: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
  const same = (loaded.predict(images) as tf.Tensor).equal(model.predict(images) as tf.Tensor);
  return [same.shape, same.all().arraySync()];
};
