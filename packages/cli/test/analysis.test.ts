import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { shapes10 } from '@resnet/data';
import { createModel, loadWeights, modelWeights } from '@resnet/models';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { gradientFindings } from '../src/analysis/gradients';
import { jacobianFindings } from '../src/analysis/jacobians';
import { labelsOf } from '../src/analysis/label';
import { testBy } from '../src/analysis/testing';
import { recipes } from '../src/recipes';
import { cifar10, cifar10Deep } from '../src/recipes/cifar10';
import { duration, explain } from '../src/recipes/explain';
import { paperError } from '../src/recipes/paper';
import { warmUpOf } from '../src/studies/learning-rate';
import { neverAbove } from '../src/studies/residuals';
import { scales, tenCrops } from '../src/testing/views';
import { representative } from '../src/training/images';
import { networkOf } from '../src/training/network';
import { emptyFolder, resnet } from './command';

describe('explain', () => {
  // ResNet-20: 269,722 parameters, 40.55 million multiply-adds.
  const facts = { trainImages: 50_000, parameters: 269_722, multiplyAdds: 40_551_040, secondsPerStep: 0.5 };

  it("answers the deck: 64k iterations are 163.84 epochs, 182.04 of the paper's 45k split", () => {
    expect(explain(cifar10, facts).join('\n')).toContain('64,000 × 128 / 50,000 = 163.84 epochs');
    expect(explain(cifar10, { ...facts, trainImages: 45_000 }).join('\n')).toContain('= 182.04 epochs');
  });

  it('names the boundaries, passes and the time', () => {
    const text = explain(cifar10, facts).join('\n');
    expect(text).toContain(
      '0.1 at first; 0.01 from iteration 32,000 (epoch 81.92); 0.001 from iteration 48,000 (epoch 122.88)',
    );
    expect(text).toContain('390 full batches a pass');
    // 64,000 half seconds are 8 h 53 min 20 s; 6 · 40,551,040 · 128 · 64,000 operations.
    expect(text).toContain('8 h 53 min');
    expect(text).toContain('1.99 × 10^15');
  });

  it('leaves out no setting that the paper does without', () => {
    const recipe = {
      ...cifar10,
      block: 'preact',
      zeroGamma: true,
      labelSmoothing: 0.1,
      clipNorm: 2,
      ema: 0.999,
    } as const;
    expect(explain({ ...recipe, microBatch: 32, patience: 5, overfit: 10 }, facts).join('\n')).toContain(
      'Besides: preact blocks; the last normalisation of each branch starts at zero; labels smoothed by 0.1; ' +
        'gradients kept to norm 2; weights averaged with decay 0.999; at most 32 images at once; ' +
        'ends after 5 validations in a row without a lower error; trains and tests on the same 10 images.',
    );
    expect(explain(cifar10, facts).join('\n')).not.toContain('Besides');
  });

  it.each([...recipes.values()])('puts $name into words', (recipe) =>
    expect(explain(recipe, { ...facts, secondsPerStep: null }).length).toBeGreaterThan(6),
  );

  it.each([
    [12, '12 s'],
    [150, '3 min'],
    [7_260, '2 h 1 min'],
    [200_000, '2 days 7 h'],
  ])('%i s is %s', (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe('labelsOf', () => {
  it('names what differs, the seed apart', () =>
    expect(
      labelsOf([
        { ...cifar10, model: 'resnet20', seed: 0 },
        { ...cifar10, model: 'resnet20', seed: 1 },
        { ...cifar10, model: 'resnet20', shortcut: 'B' },
        { ...cifar10, model: 'plain20', shortcut: 'B' },
      ]),
    ).toEqual(['resnet20 shortcut A', 'resnet20 shortcut A', 'resnet20 shortcut B', 'plain20']));
});

it('labelsOf names the part of a setting that differs', () =>
  expect(
    labelsOf([
      cifar10,
      { ...cifar10, schedule: { kind: 'multistep', rate: 0.01, milestones: [32_000, 48_000], factor: 0.1 } },
    ]),
  ).toEqual(['resnet20 rate 0.1', 'resnet20 rate 0.01']));

it('labelsOf never takes runs of two recipes for seeds of one', () =>
  expect(labelsOf([cifar10, { ...cifar10, seed: 1 }, { ...cifar10, name: 'flattened head' }])).toEqual([
    'resnet20 cifar10',
    'resnet20 cifar10',
    'resnet20 flattened head',
  ]));

describe('paperError', () => {
  const names = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

  it.each([
    [cifar10, 0.0875],
    [{ ...cifar10, seed: 3, holdOut: 5000, validateEvery: 1000, backend: 'cpu' }, 0.0875],
    // 6.61 ± 0.16 over five runs: what means over seeds are beside.
    [cifar10Deep, 0.0661],
  ])('is that of Table 6 (%#)', (recipe, error) => expect(paperError(recipe, names)).toBe(error));

  it.each([
    { model: 'plain20' },
    { model: 'resnet110' },
    { steps: 2000 },
    { shortcut: 'B' as const },
    { zeroGamma: true },
    { labelSmoothing: 0.1 },
    { overfit: 10 },
  ])('is not shown beside another protocol: %j', (change) =>
    expect(paperError({ ...cifar10, ...change }, names)).toBeNull(),
  );

  it('is not shown beside other images', () => expect(paperError(cifar10, names.toReversed())).toBeNull());
});

describe('resnet compare', () => {
  const root = emptyFolder();
  const record = (model: string, seed: number, testError: number): string => {
    const folder = join(root, `${model}-${seed}`);
    mkdirSync(folder);
    const save = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
    save('recipe.json', { recipe: { ...cifar10, model, seed }, environment: {} });
    save('preprocessing.json', {
      classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    });
    save('result.json', {
      model, shortcut: 'A', parameters: 269_722, steps: 2, seed, trainLoss: 1, trainError: 0.2, validationError: null,
      testError, testTop5Error: 0, secondsPerStep: 0.5, imagesPerSecond: 256, backend: 'simd', hardware: 'a machine',
    }); // biome-ignore format: a record
    writeFileSync(
      join(folder, 'metrics.csv'),
      'split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error\ntrain,1,0,2,0.5,2,0.5,0.1,\ntrain,2,0,1,0.25,1.5,0.375,0.1,\n',
    );
    return folder;
  };
  const plain = [0.1, 0.12].map((error, seed) => record('plain20', seed, error));
  const residual = [0.08, 0.09].map((error, seed) => record('resnet20', seed, error));

  it("gives mean ± std, the difference with its interval, and the paper's error", async () => {
    const out = join(root, 'comparison');
    const { code, stdout } = await resnet(['compare', ...plain, ...residual, '--out', out, '--json']);
    expect(code).toBe(0);
    const [first, second] = JSON.parse(stdout).rows;
    // Mean 0.11, deviation 0.02/√2; mean 0.085, deviation 0.01/√2.
    expect(first).toMatchObject({ name: 'plain20', seeds: [0, 1], paperError: null });
    expect(first.testError.mean).toBeCloseTo(0.11, 12);
    expect(first.testError.std).toBeCloseTo(0.02 / Math.SQRT2, 12);
    expect(second).toMatchObject({ name: 'resnet20', paperError: 0.0875 });
    // Variances 1e-4 and 0.25e-4 of the means: (1.25e-4)² / (1e-8 + 0.0625e-8) = 1.470588 degrees of freedom.
    expect(second.difference.difference).toBeCloseTo(-0.025, 12);
    expect(second.difference.degrees).toBeCloseTo(1.470588, 5);
    expect(readFileSync(join(out, 'curves.svg'), 'utf8')).toContain('resnet20, paper');
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('a machine');
  });

  it('names the next move for a run that has not ended', async () => {
    const folder = join(root, 'started');
    mkdirSync(folder);
    writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ recipe: cifar10, environment: {} }));
    const { code, stderr } = await resnet(['compare', folder]);
    expect(code).toBe(2);
    expect(stderr).toContain('must be a finished run');
    expect(stderr).toContain('resnet train --resume');
  });

  it('names a result that is damaged', async () => {
    const folder = record('resnet32', 0, 0.1);
    writeFileSync(join(folder, 'result.json'), '{');
    const { code, stderr } = await resnet(['compare', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/result\.json: must hold the JSON/);
  });
});

describe('neverAbove', () => {
  const along = (...errors: number[]) => errors.map((error, i) => ({ step: 10 * i, error, loss: 1 }));

  it.each([
    [along(0.5, 0.5, 0.25), "net began at a training error of 50.00 %, the shallow net's end, and was never above it at the 2 moments measured."],
    [along(0.5, 0.75, 0.25), "net began at a training error of 50.00 %, the shallow net's end, and was above it at iteration 10 (75.00 %)."],
  ])('says what was measured (%#)', (errors, sentence) => expect(neverAbove('net', errors)).toBe(sentence)); // biome-ignore format: a table
});

describe('conclusions', () => {
  it('of Jacobians never speak of points that were not measured', () => {
    const block = { block: 'b', size: 1, singularValues: [1.2], largestGain: 1.2, distanceToIdentity: 0.2 };
    const conclusionFor = (smallestGain: number) =>
      jacobianFindings([
        { label: 'net', step: 0, jacobians: [{ ...block, smallestGain }], gains: [{ block: 'b', gain: 0.9 }] },
      ]).conclusion[0];
    expect(conclusionFor(1.2)).toMatch(/1 of 1 blocks shrink .* centre of one image's .* 1\.2, so at this one point/);
    expect(conclusionFor(0.5)).toMatch(/0\.5, so the shortcut alone does not keep every gradient at 1 or more/);
  });

  it('of gradients speak of the start and of the end', () => {
    const at = (step: number, first: number) => ({
      label: 'net',
      step,
      layers: [first, 2].map((gradientNorm, i) => ({ layer: `conv${i}`, gradientNorm, weightNorm: 1 })),
    });
    expect(gradientFindings([at(0, 1), at(500, 3), at(1000, 8)]).conclusion).toEqual([
      "net at initialisation: the first layer's gradient has norm 1, 0.5 times the last one's.",
      "net after 1,000 iterations: the first layer's gradient has norm 8, 4 times the last one's.",
    ]);
  });
});

describe('warmUpOf', () => {
  const sentence = (rates: readonly number[]) => {
    const directory = emptyFolder();
    const rows = rates.map((rate, i) => `train,${i + 1},0,2,0.9,2,0.9,${rate},\n`);
    writeFileSync(
      join(directory, 'metrics.csv'),
      `split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error\n${rows.join('')}`,
    );
    return warmUpOf({ label: 'net', directory, recipe: cifar10Deep, network: networkOf });
  };

  it('counts the iterations before the real rate, not those after its first boundary', () =>
    expect(sentence([0.01, 0.01, 0.1, 0.01])).toEqual([
      'net, seed 0, kept the rate of 0.01 for 2 iterations, until its training error was below 80 %.',
    ]));

  it('says that it never ended', () =>
    expect(sentence([0.01, 0.01, 0.01])).toEqual([
      'net, seed 0, kept the rate of 0.01 to its end: in 3 iterations the training error did not fall below 80 %.',
    ]));
});

describe('resnet analyze, recipe, studies', () => {
  it('tell a wrong use from a failure, and what to do', async () => {
    const [analyze, studies] = await Promise.all([
      resnet(['analyze', 'responses']),
      resnet(['studies', '--only', 'degradatio']),
    ]);
    expect([analyze.code, studies.code]).toEqual([2, 2]);
    expect(analyze.stderr).toContain('Pass --run DIR');
    expect(studies.stderr).toContain("Did you mean 'degradation'?");
  });

  it('tell that nothing is left to train on', async () => {
    const { code, stderr } = await resnet([
      'recipe',
      'cifar10',
      '--explain',
      '--hold-out',
      '50000',
      '--time-steps',
      '0',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/holdOut must leave images to train on, got 50000 of 50000/);
  });

  it('explain the paper’s recipe with the time it takes here', async () => {
    const { code, stdout } = await resnet(['recipe', 'cifar10', '--explain', '--time-steps', '1', '--time-batch', '2']);
    expect(code).toBe(0);
    expect(stdout).toContain('269,722 parameters, 40.55 million multiply-adds');
    expect(stdout).toMatch(/here [\d.]+ s an iteration, about \d+ (min|h|days)/);
  });
});

it('representative takes every class in proportion, even where classes take turns', () => {
  const few = representative(shapes10({ split: 'test', length: 200 }), 60);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < few.length; i++) counts[few.label(i)]! += 1;
  expect(counts).toEqual(new Array(10).fill(6));
});

describe('testing', () => {
  const preprocessing = { imageSize: 32, shorterSide: null, mean: [0.5, 0.4, 0.3], std: null };
  const dataset = shapes10({ split: 'test', length: 2 });
  const trained = async (side: number | null) => {
    await useBackend('cpu');
    const model = createModel('resnet8', { inputShape: [side, side, 3], seed: 3 });
    loadWeights(model, await modelWeights(createModel('resnet8', { seed: 3 })));
    return model;
  };
  const softmax = (
    model: tf.LayersModel,
    { data, height, width }: { data: Float32Array; height: number; width: number },
  ) => Array.from(tf.softmax(model.predict(tf.tensor4d(data, [1, height, width, 3])) as tf.Tensor).dataSync());

  it('at 40 and 48 pixels is the mean of a net built for 40 and one built for 48 (Must show 5)', async () => {
    const views = scales(preprocessing, [40, 48]);
    const { scored } = await testBy({ name: 'scales', views, model: await trained(null) }, dataset);
    const [at40, at48] = [await trained(40), await trained(48)];
    for (const [i, { probabilities, label }] of scored.entries()) {
      const { image, label: truth } = await dataset.read(i);
      const [small, large] = views(image);
      expect([small!.height, large!.width, label]).toEqual([40, 48, truth]);
      const [a, b] = [softmax(at40, small!), softmax(at48, large!)];
      for (let k = 0; k < 10; k++) expect(probabilities[k]).toBeCloseTo((a[k]! + b[k]!) / 2, 5);
    }
  });

  it('on ten crops is the mean of ten single views', async () => {
    const views = tenCrops(preprocessing);
    const model = await trained(32);
    const { scored } = await testBy({ name: 'crops', views, model }, dataset);
    const crops = views((await dataset.read(0)).image);
    expect(crops.length).toBe(10);
    const rows = crops.map((crop) => softmax(model, crop));
    for (let k = 0; k < 10; k++) {
      expect(scored[0]!.probabilities[k]).toBeCloseTo(rows.reduce((sum, row) => sum + row[k]!, 0) / 10, 5);
    }
  });
});
