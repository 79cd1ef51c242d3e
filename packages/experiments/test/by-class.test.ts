import { recipes } from '@resnet/experiments';
import { describe, expect, it } from 'vitest';
import { collectAnswers } from '../src/evaluation/answers';
import { confusedPairs, imbalanceWarning, resultsByClass } from '../src/findings/by-class';
import { recipeDifferences } from '../src/findings/label';

describe('collectAnswers', () => {
  it('takes the class of the highest logit, the first of equals, with its softmax', () => {
    const { images, onScores } = collectAnswers();
    onScores({ logits: [0, Math.log(3), 0, 5, 5, 5], labels: [0, 0, 1, 1, 0, 0], classes: 3 });
    expect(images).toEqual([
      { label: 2, predicted: 1, confidence: expect.closeTo(3 / 5, 12) },
      { label: 0, predicted: 0, confidence: expect.closeTo(1 / 3, 12) },
    ]);
  });
});

it('resultsByClass has null where nothing was to count', () =>
  expect(resultsByClass([[2, 0], [0, 0]], ['cat', 'dog'])).toEqual([
    { name: 'cat', images: 2, precision: 1, recall: 1, f1: 1 },
    { name: 'dog', images: 0, precision: null, recall: null, f1: null },
  ])); // biome-ignore format: a matrix

it('confusedPairs puts the commonest confusion first', () =>
  expect(confusedPairs([[5, 1, 0], [3, 5, 2], [0, 0, 5]], ['a', 'b', 'c'], 2).rows).toEqual([
    ['b', 'a', 3],
    ['b', 'c', 2],
  ])); // biome-ignore format: a matrix

describe('imbalanceWarning', () => {
  it('is silent up to twice as many', () => expect(imbalanceWarning([10, 20], ['cat', 'dog'])).toBeNull());
  it('names the largest and the smallest class', () =>
    expect(imbalanceWarning([10, 25], ['cat', 'dog'])).toMatch(/dog has 25 training images and cat 10, 2\.5 times/));
  it('knows a class without images', () =>
    expect(imbalanceWarning([0, 5], ['cat', 'dog'])).toMatch(/cat 0\. Read recall/));
});

describe('recipeDifferences', () => {
  const cifar10 = recipes.get('cifar10')!;
  it('tells in what recipes differ, where they ran apart', () => {
    const other = { ...cifar10, seed: 1, threads: 2, schedule: { kind: 'constant', base: 0.1 } as const };
    expect(recipeDifferences([cifar10, other], ['a', 'b'])?.rows.toSorted()).toEqual([
      ['schedule.factor', '0.1', '–'],
      ['schedule.kind', 'multistep', 'constant'],
      ['schedule.milestones', '[32000,48000]', '–'],
      ['seed', '0', '1'],
    ]);
  });
  it('is nothing for equal recipes', () => expect(recipeDifferences([cifar10, cifar10], ['a', 'b'])).toBeNull());
});
