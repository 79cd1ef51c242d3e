import { createRequire } from 'node:module';
import { TrainError } from '@resnet/trainer';
import { RunFolderError } from '@resnet/trainer/node';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);

it('an error class is one class through both doors', () => {
  expect(RunFolderError.prototype).toBeInstanceOf(TrainError);
});

it('also in CommonJS', () => {
  const [main, node] = [require('@resnet/trainer'), require('@resnet/trainer/node')];
  expect(node.RunFolderError.prototype).toBeInstanceOf(main.TrainError);
});
