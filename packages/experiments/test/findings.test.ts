import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { shapes10 } from '@resnet/data';
import { createModel, loadWeights, modelWeights } from '@resnet/models';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { scaledViews, tenCrops } from '../src/evaluation/views';
import { scoreBy } from '../src/findings/evaluation';
import { gradientFindings } from '../src/findings/gradients';
import { jacobianFindings } from '../src/findings/jacobians';
import { labelsOf } from '../src/findings/label';
import { cifar10, cifar10Deep } from '../src/recipe/presets/cifar10';
import { representativeImages } from '../src/run/images';
import { networkOf } from '../src/run/network';
import { warmUpOf } from '../src/studies/learning-rate';
import { neverAbove } from '../src/studies/residuals';
import { emptyFolder } from './empty-folder';

describe('labelsOf', () => {
  it('names what differs, the seed apart', () =>
    expect(
      labelsOf([
        { ...cifar10, seed: 0 },
        { ...cifar10, seed: 1 },
        { ...cifar10, model: { name: 'resnet20', shortcut: 'B' } },
        { ...cifar10, model: { name: 'plain20' } },
      ]),
    ).toEqual(['resnet20 shortcut A', 'resnet20 shortcut A', 'resnet20 shortcut B', 'plain20']));
});

it('labelsOf names the part of a setting that differs', () =>
  expect(
    labelsOf([
      cifar10,
      { ...cifar10, schedule: { kind: 'multistep', base: 0.01, milestones: [32_000, 48_000], factor: 0.1 } },
    ]),
  ).toEqual(['resnet20 base 0.1', 'resnet20 base 0.01']));

it('labelsOf never takes runs of two recipes for seeds of one', () =>
  expect(labelsOf([cifar10, { ...cifar10, seed: 1 }, { ...cifar10, name: 'flattened head' }])).toEqual([
    'resnet20 cifar10',
    'resnet20 cifar10',
    'resnet20 flattened head',
  ]));

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
    expect(conclusionFor(1.2)).toMatch(/1 of 1 blocks shrink .* center of one image's .* 1\.2, so at this one point/);
    expect(conclusionFor(0.5)).toMatch(/0\.5, so the shortcut alone does not keep every gradient at 1 or more/);
  });

  it('of gradients speak of the start and of the end', () => {
    const at = (step: number, first: number) => ({
      label: 'net',
      step,
      layers: [first, 2].map((gradientNorm, i) => ({ layer: `conv${i}`, gradientNorm, weightNorm: 1 })),
    });
    expect(gradientFindings([at(0, 1), at(500, 3), at(1000, 8)]).conclusion).toEqual([
      "net at initialization: the first layer's gradient has norm 1, 0.5 times the last one's.",
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

it('representativeImages takes every class in proportion, even where classes take turns', () => {
  const few = representativeImages(shapes10({ split: 'test', length: 200 }), 60);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < few.length; i++) counts[few.label(i)]! += 1;
  expect(counts).toEqual(new Array(10).fill(6));
});

describe('evaluation', () => {
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
    const views = scaledViews(preprocessing, [40, 48]);
    const { scored } = await scoreBy({ name: 'scales', views, model: await trained(null) }, dataset);
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
    const { scored } = await scoreBy({ name: 'crops', views, model }, dataset);
    const crops = views((await dataset.read(0)).image);
    expect(crops.length).toBe(10);
    const rows = crops.map((crop) => softmax(model, crop));
    for (let k = 0; k < 10; k++) {
      expect(scored[0]!.probabilities[k]).toBeCloseTo(rows.reduce((sum, row) => sum + row[k]!, 0) / 10, 5);
    }
  });
});
