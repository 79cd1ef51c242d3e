import { torchvisionNames, WeightFileError } from '@resnet/models';
import { expect, it } from 'vitest';

const named = (...names: string[]) => {
  const tensor = { dtype: 'F32' as const, shape: [1], data: Float32Array.of(1) };
  return new Map(names.map((name) => [name, tensor]));
};

it.each([
  ['layer1.0.conv1.weight', 'layer1.0.conv1.weight'],
  ['module.layer1.0.conv1.weight', 'layer1.0.conv1.weight'],
  ['module.linear.bias', 'fc.bias'],
  ['linear.weight', 'fc.weight'],
  ['layer2.0.shortcut.0.weight', 'layer2.0.downsample.0.weight'],
  ['module.layer2.0.shortcut.1.running_var', 'layer2.0.downsample.1.running_var'],
  ['layer2.0.downsample.1.bias', 'layer2.0.downsample.1.bias'],
])('%s is our %s', (theirs, ours) => {
  expect([...torchvisionNames(named(theirs)).keys()]).toEqual([ours]);
});

it('drops counts of batches', () => {
  const weights = named('bn1.num_batches_tracked', 'module.layer1.0.bn1.num_batches_tracked', 'bn1.weight');
  expect([...torchvisionNames(weights).keys()]).toEqual(['bn1.weight']);
});

it('refuses two names for one weight', () => {
  expect(() => torchvisionNames(named('fc.bias', 'linear.bias'))).toThrow(WeightFileError);
});
