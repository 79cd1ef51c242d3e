import { createRequire } from 'node:module';
import { TrainError } from '@resnet/trainer';
import { RunLockedError } from '@resnet/trainer/node';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);

it('an error class is one class through both doors', () => {
  expect(RunLockedError.prototype).toBeInstanceOf(TrainError);
});

it('also in CommonJS', () => {
  const [main, node] = [require('@resnet/trainer'), require('@resnet/trainer/node')];
  expect(node.RunLockedError.prototype).toBeInstanceOf(main.TrainError);
});
