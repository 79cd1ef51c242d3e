import { createModel, loadWeights, type NamedWeights, networkOfShapes, WeightFileError } from '@resnet/models';
import { goldenBytes } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { torchShape } from '../../src/weights/layout';
import { weightsOf } from '../../src/weights/model-weights';

// By torchvision 0.14: packages/testing/scripts/torchvision-weights.py.
const expected: Record<string, Record<string, number[]>> = JSON.parse(
  new TextDecoder().decode(goldenBytes('torchvision-weights.json')),
);

/** Weights of these shapes, all zeros: each is a view of one buffer. */
const zeros = (shapes: Record<string, number[]>): NamedWeights => {
  const sizes = Object.values(shapes).map((shape) => shape.reduce((product, size) => product * size, 1));
  const buffer = new Float32Array(Math.max(...sizes));
  return new Map(
    Object.entries(shapes).map(([name, shape], i) => [
      name,
      { dtype: 'F32', shape, data: buffer.subarray(0, sizes[i]) },
    ]),
  );
};

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(Object.keys(expected))("torchvision's %s", (name) => {
  it('has the names and shapes of ours', () => {
    const model = createModel(name, { zeros: true });
    const own = weightsOf(model).map((weight) => [weight.name, torchShape(weight.variable.shape.map(Number))] as const);
    model.dispose();
    expect(Object.fromEntries(own)).toEqual(expected[name]);
  });

  it('is recognized by them', () => {
    expect(networkOfShapes(zeros(expected[name]!))).toEqual({ name, options: {}, family: 'imagenet', classes: 1000 });
  });
});

describe('networkOfShapes', () => {
  const shapesOf = (name: string, options = {}) => {
    const model = createModel(name, { zeros: true, ...options });
    const shapes = weightsOf(model).map((weight) => [weight.name, torchShape(weight.variable.shape.map(Number))]);
    model.dispose();
    return zeros(Object.fromEntries(shapes));
  };

  it.each([
    ['resnet20', {}, 'cifar'],
    ['resnet20', { shortcut: 'B' }, 'cifar'],
    ['resnet8', { shortcut: 'C' }, 'cifar'],
    ['resnet18', { shortcut: 'A' }, 'imagenet'],
    ['resnet50', { shortcut: 'C' }, 'imagenet'],
  ])('knows %s with %o', (name, options, family) => {
    const classes = family === 'cifar' ? 10 : 1000;
    expect(networkOfShapes(shapesOf(name, options))).toEqual({ name, options, family, classes });
  });

  it('refuses what is no net of the zoo, and says what it saw', () => {
    const wide = { ...expected.resnet18, 'conv1.weight': [32, 3, 3, 3] };
    expect(() => networkOfShapes(zeros(wide))).toThrow(WeightFileError);
    expect(() => networkOfShapes(zeros(wide))).toThrow(
      /got a first convolution of \[32,3,3,3\] and 2 \+ 2 \+ 2 \+ 2 blocks/,
    );
  });
});

describe("loadWeights with head: 'replace'", () => {
  it('loads all but the last layer, whose classes are others', () => {
    const five = createModel('resnet8', { classes: 5, seed: 3 });
    const head = five.getLayer('fc').getWeights()[0]!.dataSync();
    const ten = createModel('resnet8', { classes: 10, zeros: true });
    const weights = zeros(
      Object.fromEntries(weightsOf(ten).map(({ name, variable }) => [name, torchShape(variable.shape.map(Number))])),
    );
    expect(() => loadWeights(five, weights)).toThrow(/load them with \{ head: 'replace' \}/);
    loadWeights(five, weights, { head: 'replace' });
    expect(five.getLayer('fc').getWeights()[0]!.dataSync()).toEqual(head);
    expect(
      five
        .getLayer('conv1')
        .getWeights()[0]!
        .dataSync()
        .every((value) => value === 0),
    ).toBe(true);
  });
});
