import { createModel, freeze, ModelOptionError, modelWeights } from '@resnet/models';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Names of the layers that still learn, those without weights left out. */
const learning = (model: tf.LayersModel): string[] =>
  model.layers.filter(({ trainable, weights }) => trainable && weights.length > 0).map(({ name }) => name);

describe('freeze', () => {
  it('freezes from the input up to a part', () => {
    const model = createModel('resnet8', { zeros: true });
    const all = learning(model);
    expect(all.slice(0, 2)).toEqual(['conv1', 'bn1']);
    freeze(model, 'stem');
    expect(learning(model)).toEqual(all.filter((name) => !['conv1', 'bn1'].includes(name)));
    freeze(model, 'stage1');
    expect(learning(model)).toEqual(all.filter((name) => /^(layer[23]|fc)/.test(name)));
    freeze(model, 'stage3');
    expect(learning(model)).toEqual(['fc']);
    freeze(model, 'body');
    expect(learning(model)).toEqual(['fc']);
    freeze(model, 'none');
    expect(learning(model)).toEqual(all);
  });

  it('leaves the normalization behind the stages of a pre-activation net to `body`', () => {
    const model = createModel('resnet8', { block: 'preact', zeros: true });
    freeze(model, 'stage3');
    expect(learning(model)).toHaveLength(2);
    freeze(model, 'body');
    expect(learning(model)).toEqual(['fc']);
  });

  it('names what a net lacks, and leaves it as it was', () => {
    const model = createModel('resnet8', { zeros: true });
    freeze(model, 'stage1');
    const before = learning(model);
    expect(() => freeze(model, 'stage4')).toThrow(ModelOptionError);
    expect(() => freeze(model, 'stage4')).toThrow(
      /one of none, stem, stage1, stage2, stage3, body for this net, got stage4/,
    );
    expect(learning(model)).toEqual(before);
  });

  it('keeps the statistics of frozen normalizations in training', async () => {
    const model = createModel('resnet8', { seed: 1 });
    freeze(model, 'stage1');
    const before = await modelWeights(model);
    tf.tidy(() => void model.apply(tf.randomNormal([4, 32, 32, 3], 1, 2, 'float32', 5), { training: true }));
    const after = await modelWeights(model);
    expect(after.get('layer1.0.bn1.running_mean')).toEqual(before.get('layer1.0.bn1.running_mean'));
    expect(after.get('layer2.0.bn1.running_mean')).not.toEqual(before.get('layer2.0.bn1.running_mean'));
  });
});
