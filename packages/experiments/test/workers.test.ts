import { availableParallelism } from 'node:os';
import { shapes10 } from '@resnet/data';
import { expect, it } from 'vitest';
import { defaults } from '../src/recipe/presets/defaults';
import { workersFor } from '../src/run/batches';

const inMemory = shapes10({ length: 10 });
const { readSync: _, ...inFiles } = inMemory;

it('workers are those of the recipe, else the threads that do not compute, and none for images in memory', () => {
  expect(workersFor({ ...defaults, workers: 3 }, inFiles, 2)).toBe(3);
  expect(workersFor(defaults, inFiles, availableParallelism())).toBe(0);
  expect(workersFor(defaults, inFiles, availableParallelism() + 2)).toBe(0);
  expect(workersFor(defaults, inFiles, null)).toBe(availableParallelism() - 1);
  expect(workersFor(defaults, inMemory, null)).toBe(0);
});
