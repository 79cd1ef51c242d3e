import { describe, expect, it } from 'vitest';
import { explainRecipe, formatDuration } from '../src/recipe/explain';
import { paperError } from '../src/recipe/paper';
import { recipes } from '../src/recipe/presets';
import { cifar10, cifar10Deep } from '../src/recipe/presets/cifar10';

describe('explainRecipe', () => {
  // ResNet-20: 269,722 parameters, 40.55 million multiply-adds.
  const facts = { trainImages: 50_000, parameters: 269_722, multiplyAdds: 40_551_040, secondsPerStep: 0.5 };

  it("answers the deck: 64k iterations are 163.84 epochs, 182.04 of the paper's 45k split", () => {
    expect(explainRecipe(cifar10, facts).join('\n')).toContain('64,000 × 128 / 50,000 = 163.84 epochs');
    expect(explainRecipe(cifar10, { ...facts, trainImages: 45_000 }).join('\n')).toContain('= 182.04 epochs');
  });

  it('names the boundaries, passes and the time', () => {
    const text = explainRecipe(cifar10, facts).join('\n');
    expect(text).toContain(
      '0.1 at first; 0.01 from iteration 32,000 (epoch 81.92); 0.001 from iteration 48,000 (epoch 122.88)',
    );
    expect(text).toContain('390 full batches per pass');
    // 64,000 half seconds are 8 h 53 min 20 s; 6 · 40,551,040 · 128 · 64,000 operations.
    expect(text).toContain('8 h 53 min');
    expect(text).toContain('1.99 × 10^15');
  });

  it('leaves out no setting that the paper does without', () => {
    const recipe = {
      ...cifar10,
      model: { name: 'resnet20', block: 'bottleneck', zeroLastScale: true },
      labelSmoothing: 0.1,
      clipNorm: 2,
      averageDecay: 0.999,
    } as const;
    expect(explainRecipe({ ...recipe, microBatch: 32, patience: 5, overfit: 10 }, facts).join('\n')).toContain(
      'Besides: bottleneck blocks; the last normalization of each branch starts at zero; labels smoothed by 0.1; ' +
        'gradients kept to norm 2; weights averaged with decay 0.999; at most 32 images at once; ' +
        'ends after 5 validations in a row without a lower error; trains and evaluates on the same 10 images.',
    );
    expect(explainRecipe(cifar10, facts).join('\n')).not.toContain('Besides');
  });

  it.each([...recipes.values()])('puts $name into words', (recipe) =>
    expect(explainRecipe(recipe, { ...facts, secondsPerStep: null }).length).toBeGreaterThan(6),
  );

  it.each([
    [12, '12 s'],
    [150, '3 min'],
    [7_260, '2 h 1 min'],
    [200_000, '2 days 7 h'],
  ])('%i s is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('paperError', () => {
  const names = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

  it.each([
    [cifar10, 0.0875],
    [{ ...cifar10, seed: 3, holdOut: 5000, validateEvery: 1000, backend: 'cpu' }, 0.0875],
    [{ ...cifar10, model: { name: 'resnet20', pad: 'split' as const } }, 0.0875],
    // 6.61 ± 0.16 over five runs: what means over seeds are beside.
    [cifar10Deep, 0.0661],
  ])('is that of Table 6 (%#)', (recipe, error) => expect(paperError(recipe, names)).toBe(error));

  it.each([
    { model: { name: 'plain20' } },
    { model: { name: 'resnet110' } },
    { steps: 2000 },
    { model: { name: 'resnet20', shortcut: 'B' as const } },
    { model: { name: 'resnet20', zeroLastScale: true } },
    { model: { name: 'resnet20', block: 'preact' as const } },
    { labelSmoothing: 0.1 },
    { overfit: 10 },
  ])('is not shown beside another protocol: %j', (change) =>
    expect(paperError({ ...cifar10, ...change }, names)).toBeNull(),
  );

  it('is not shown beside other images', () => expect(paperError(cifar10, names.toReversed())).toBeNull());
});
