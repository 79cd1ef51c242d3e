import { describe, expect, it } from 'vitest';
import { recipeArchitecture } from '../src/recipe/architecture';
import { loadRecipe, withChanges } from '../src/recipe/resolve';
import { resultFrom } from '../src/run/result';

const shapes10 = loadRecipe('shapes10');

describe('a recipe refuses what its network cannot honor', () => {
  it.each([
    [{ name: 'plain20', shortcut: 'C' as const }, /plain20.*'C'/],
    [{ name: 'resnet8', block: 'preact' as const, zeroLastScale: true }, /zeroLastScale/],
    [{ name: 'resnet20', shortcut: 'B' as const, pad: 'split' as const }, /pad/],
    [{ name: 'resnet20', strideIn: '1x1' as const }, /strideIn/],
  ])('%j', (model, message) => expect(() => withChanges(shapes10, { model })).toThrow(message));
});

// §4.2: "identity shortcuts in all cases (i.e., option A)"; Table 4 and the text of §4.1 for ImageNet: option B.
it.each([
  ['resnet134', 'A'],
  ['resnet20', 'A'],
  ['resnet1202', 'A'],
  ['resnet34', 'B'],
  ['resnet152', 'B'],
  ['plain34', 'none'],
])("%s has the library's default shortcut, %s", (name, shortcut) =>
  expect(recipeArchitecture({ model: { name } }).shortcut).toBe(shortcut),
);

it('a result names the shortcut that the network has', () => {
  const model = { trainableWeights: [] };
  const end = { step: 1, trainLoss: 1, trainError: 1, secondsPerStep: 1, imagesPerSecond: 1 };
  const backend = { name: 'cpu', simd: null, threads: null };
  const test = { error: 0.5, top5Error: 0.1 };
  const recipe = withChanges(shapes10, { model: { name: 'resnet134' } });
  expect(resultFrom(recipe, model as never, { end, test, backend } as never).shortcut).toBe('A');
});
