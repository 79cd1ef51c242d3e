import {
  architectureOf,
  cifarResNet,
  createModel,
  deepenModel,
  imagenetResNet,
  ModelOptionError,
} from '@resnet/models';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { difference, images, pretendTrained } from './trained';

const inputShape = [16, 16, 3] as const;

describe('deepenModel', () => {
  it.each([
    ...(['A', 'B', 'C'] as const).flatMap((shortcut) => [
      ['basic', shortcut] as const,
      ['bottleneck', shortcut] as const,
    ]),
    ['basic', 'none'],
    ['preact-basic', 'A'],
    ['preact-bottleneck', 'B'],
  ] as const)('keeps the outputs of %s blocks with shortcut %s', (block, shortcut) => {
    const model = pretendTrained(
      cifarResNet(block.endsWith('bottleneck') ? 11 : 8, { block, shortcut, inputShape, seed: 1 }),
    );
    const deep = deepenModel(model, 2, { seed: 5 });
    expect(architectureOf(deep).blocksPerStage).toEqual([3, 3, 3]);
    expect(difference(model, deep, images())).toBeLessThan(1e-5);
  });

  it('keeps the outputs of an ImageNet net, stage by stage', () => {
    const model = pretendTrained(imagenetResNet(18, { inputShape: [32, 32, 3], classes: 5, seed: 1 }));
    const deep = deepenModel(model, [0, 1, 0, 2]);
    expect(architectureOf(deep).blocksPerStage).toEqual([2, 3, 2, 4]);
    expect(deep.name).toBe('resnet24');
    expect(difference(model, deep, images(32))).toBeLessThan(1e-5);
  });

  it('makes blocks that can be trained: their last normalization has a gradient', () => {
    const deep = deepenModel(pretendTrained(createModel('resnet8', { inputShape, seed: 1 })), 1, { seed: 2 });
    const gamma = deep.getLayer('layer2.1.bn2').weights[0]!.read() as tf.Variable;
    const loss = () => tf.sum(tf.square(deep.apply(images(), { training: true }) as tf.Tensor)) as tf.Scalar;
    expect(tf.max(tf.abs(tf.variableGrads(loss, [gamma]).grads[gamma.name]!)).arraySync()).toBeGreaterThan(0);
  });

  it('does not share weights with the shallow model', () => {
    const model = createModel('resnet8', { inputShape, seed: 1 });
    const deep = deepenModel(model, 1);
    const before = (model.predict(images()) as tf.Tensor).arraySync();
    for (const weight of deep.weights) weight.write(tf.zerosLike(weight.read()));
    expect((model.predict(images()) as tf.Tensor).arraySync()).toEqual(before);
  });

  it.each([
    [
      () => deepenModel(cifarResNet(11, { block: 'bottleneck', shortcut: 'none', zeros: true }), 1),
      'cannot be an identity',
    ],
    [() => deepenModel(cifarResNet(8, { block: 'preact', shortcut: 'C', zeros: true }), 1), 'cannot be an identity'],
    [() => deepenModel(createModel('resnet8', { zeros: true }), 1.5), 'blocks must be whole numbers from 0, got 1.5'],
    [() => deepenModel(tf.sequential(), 1), 'does not say how it was made'],
  ])('refuses what cannot be (%#)', (make, message) => {
    expect(make).toThrow(ModelOptionError);
    expect(make).toThrow(message);
  });
});
