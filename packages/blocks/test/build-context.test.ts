import { chain, conv, convNorm, initialized, network, norm, relu, repeat, scope, sequence } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

const inputShape = [4, 4, 3] as const;
const names = (model: tf.LayersModel) => model.layers.map(({ name }) => name);
const kernel = (model: tf.LayersModel, layer: string) => [...model.getLayer(layer).getWeights()[0]!.dataSync()];

describe('scope', () => {
  it('names layers as PyTorch names modules', () => {
    const block = chain(
      convNorm(4, 3),
      relu,
      scope(
        'layer1',
        repeat(2, (i) => scope(String(i), chain(convNorm(4, 3), relu, convNorm(4, 3)))),
      ),
      sequence('downsample', convNorm(4, 1)),
    );
    expect(names(network({ inputShape }, block))).toEqual([
      'input',
      ...['conv1', 'bn1', 'relu1'],
      ...['layer1.0.conv1', 'layer1.0.bn1', 'layer1.0.relu1', 'layer1.0.conv2', 'layer1.0.bn2'],
      ...['layer1.1.conv1', 'layer1.1.bn1', 'layer1.1.relu1', 'layer1.1.conv2', 'layer1.1.bn2'],
      ...['downsample.0', 'downsample.1'],
    ]);
  });

  it('lets two models have the same names', () => {
    const make = () => network({ inputShape, seed: 1 }, conv(2, 3));
    const [a, b] = [make(), make()];
    const x = tf.ones([1, 4, 4, 3]);
    a.getLayer('conv1').setWeights([tf.zeros([3, 3, 3, 2])]);
    expect(tf.max(a.apply(x) as tf.Tensor).arraySync()).toBe(0);
    expect(tf.max(tf.abs(b.apply(x) as tf.Tensor)).arraySync()).not.toBe(0);
  });

  it('is not needed: tf.layers then finds names of its own', () => {
    const input = tf.input({ shape: [...inputShape] });
    const block = chain(convNorm(2, 3), relu, convNorm(2, 3));
    const model = tf.model({ inputs: input, outputs: block(input) });
    expect(new Set(names(model)).size).toBe(6);
  });

  it('is left even when a block throws', () => {
    const failing = scope('lost', () => {
      throw new Error('no');
    });
    expect(() => failing(tf.input({ shape: [...inputShape] }))).toThrow('no');
    expect(names(network({ inputShape }, norm()))).toEqual(['input', 'bn1']);
  });
});

describe('seeds', () => {
  const two = chain(conv(4, 3), scope('deep', conv(4, 3)));

  it.each([0, 1, -7, 2 ** 40])('%d gives the same weights each time', (seed) => {
    const [a, b] = [network({ inputShape, seed }, two), network({ inputShape, seed }, two)];
    expect(kernel(a, 'deep.conv1')).toEqual(kernel(b, 'deep.conv1'));
    expect(kernel(a, 'deep.conv1')).not.toEqual(kernel(network({ inputShape, seed: seed + 1 }, two), 'deep.conv1'));
  });

  it('depend on the name of the layer, not on the layers around it', () => {
    const alone = network({ inputShape: [4, 4, 4], seed: 3 }, scope('deep', conv(4, 3)));
    expect(kernel(alone, 'deep.conv1')).toEqual(kernel(network({ inputShape, seed: 3 }, two), 'deep.conv1'));
  });

  it('differ from layer to layer', () => {
    const same = network({ inputShape: [4, 4, 4], seed: 3 }, chain(conv(4, 3), conv(4, 3)));
    expect(kernel(same, 'conv1')).not.toEqual(kernel(same, 'conv2'));
  });

  it('are drawn where none is given', () => {
    const make = () => kernel(network({ inputShape }, conv(4, 3)), 'conv1');
    expect(make()).not.toEqual(make());
  });

  it('can be set for a part', () => {
    const part = initialized({ seed: 3 }, scope('deep', conv(4, 3)));
    const model = network({ inputShape, seed: 9 }, chain(conv(4, 3), part));
    expect(kernel(model, 'deep.conv1')).toEqual(kernel(network({ inputShape, seed: 3 }, two), 'deep.conv1'));
  });
});
