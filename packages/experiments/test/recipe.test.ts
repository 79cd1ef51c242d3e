import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recipes } from '../src/recipe/presets';
import { loadRecipe, withChanges, withSetting, withSettings } from '../src/recipe/resolve';
import { recipeSchema } from '../src/recipe/schema';

const file = (name: string, text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'resnet-recipe-')), name);
  writeFileSync(path, text);
  return path;
};

describe('recipes', () => {
  it.each([...recipes])('%s fits the schema', (_, recipe) => expect(recipeSchema.parse(recipe)).toEqual(recipe));

  it("cifar10 is the paper's protocol (§4.2)", () => {
    expect(recipes.get('cifar10')).toMatchObject({
      steps: 64_000,
      batchSize: 128,
      momentum: 0.9,
      weightDecay: 1e-4,
      decay: 'all',
      schedule: { base: 0.1, milestones: [32_000, 48_000], factor: 0.1 },
      normalize: 'per-pixel-mean',
      model: { name: 'resnet20' },
    });
  });

  it("imagenet-deck differs from imagenet in the deck's weight decay alone", () => {
    const { name: _, ...deck } = recipes.get('imagenet-deck')!;
    const { name: __, ...paper } = recipes.get('imagenet')!;
    expect(deck).toEqual({ ...paper, weightDecay: 1e-5 });
  });
});

describe('loadRecipe', () => {
  it('suggests the nearest name', () => expect(() => loadRecipe('cifar01')).toThrow("Did you mean 'cifar10'?"));

  it('reads a YAML file that extends a recipe', () => {
    const recipe = loadRecipe(file('mine.yaml', 'extends: shapes10\nmodel: plain20\nsteps: 50\n'));
    expect(recipe).toMatchObject({ model: { name: 'plain20' }, steps: 50, data: 'shapes10', batchSize: 128 });
  });

  it('keeps what a file does not say of a schedule of the same kind, and nothing of another', () => {
    const { schedule } = loadRecipe(file('half.yaml', 'schedule: { base: 0.05 }\n'));
    expect(schedule).toEqual({ kind: 'multistep', base: 0.05, milestones: [32_000, 48_000], factor: 0.1 });
    const other = file('other.yaml', 'schedule: { kind: constant, base: 0.05 }\n');
    expect(loadRecipe(other).schedule).toEqual({ kind: 'constant', base: 0.05 });
  });

  it('is called as its file, wherever that lies', () =>
    expect(loadRecipe(file('mine.yaml', 'steps: 50\n')).name).toBe('mine'));

  it('suggests what a file may extend', () =>
    expect(() => loadRecipe(file('bad.yaml', 'extends: shapes01\n'))).toThrow("Did you mean 'shapes10'?"));

  it('names an unknown setting and the one that was meant', () =>
    expect(() => loadRecipe(file('bad.yaml', 'stepz: 3\n'))).toThrow(/unknown setting 'stepz'. Did you mean 'steps'/));

  it('refuses a YAML alias bomb quickly', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    expect(() => loadRecipe(file('bomb.yaml', `a0: &a0 [x]\n${levels.join('\n')}\n`))).toThrow(/alias/i);
  });

  it.each([
    ['a setting given twice', 'twice.yaml', 'steps: 1\nsteps: 2\n', /unique/],
    ['a setting given twice', 'twice.json', '{"steps": 1, "steps": 2}', /unique/],
    ['a prototype', 'prototype.yaml', '__proto__: { polluted: 1 }\n', /unknown setting '__proto__'/],
    ['a prototype', 'prototype.json', '{"__proto__": {"steps": 1}}', /unknown setting '__proto__'/],
    [
      'a prototype inside',
      'inside.yaml',
      'schedule: { __proto__: { rate: 9 } }\n',
      /unknown setting 'schedule.__proto__'/,
    ],
  ])('refuses %s: %s', (_, name, text, message) => {
    expect(() => loadRecipe(file(name, text))).toThrow(message);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it.each([
    ['{"batchSize": -1}', /batchSize: .*got -1/],
    ['{"augment": "mnist"}', /augment: .*got "mnist"/],
    ['{"schedule": {"kind": "stairs", "base": 1}}', /schedule\.kind: .*got "stairs"/],
    ['{"model": {"name": 5}}', /model\.name: .*got 5/],
    ['{"steps": null}', /steps: .*got null/],
  ])('refuses a value of the wrong kind, naming it: %s', (text, message) =>
    expect(() => loadRecipe(file('bad.json', text))).toThrow(message),
  );
});

describe('withSetting', () => {
  const recipe = recipes.get('cifar10')!;

  it('reaches into the schedule', () =>
    expect(withSetting(recipe, 'schedule.base=0.05').schedule).toMatchObject({ base: 0.05, factor: 0.1 }));

  it('leaves the recipe itself as it was', () => {
    withSetting(recipe, 'batchSize=64');
    expect(recipe.batchSize).toBe(128);
  });

  it.each(['__proto__.polluted=1', 'constructor.prototype.polluted=1', 'schedule.__proto__.polluted=1'])(
    'never reaches a prototype: %s',
    (setting) => {
      expect(() => withSetting(recipe, setting)).toThrow(/unknown setting/);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  it('takes no prototype inside a value', () =>
    expect(() => withSetting(recipe, 'schedule={"kind":"constant","base":1,"__proto__":{"polluted":1}}')).toThrow(
      "unknown setting 'schedule.__proto__'",
    ));

  it.each([
    'schedule={ kind: constant, base: 0.05 }',
    'schedule={kind: constant, base: 0.05}',
    'schedule={"kind": "constant", "base": 0.05}',
  ])('reads objects as YAML has them: %s', (setting) =>
    expect(withSetting(recipe, setting).schedule).toEqual({ kind: 'constant', base: 0.05 }),
  );

  it('reads lists as YAML has them', () =>
    expect(withSetting(recipe, 'schedule.milestones=[ 10, 20 ]').schedule).toMatchObject({ milestones: [10, 20] }));

  it('names a text that is neither', () =>
    expect(() => withSetting(recipe, 'schedule={ kind: constant')).toThrow(/setting: 'schedule=\{ kind: constant' is/));

  it('checks what it sets', () => expect(() => withSetting(recipe, 'momentum=1.5')).toThrow(/momentum/));
  it('wants key=value', () => expect(() => withSetting(recipe, 'batch')).toThrow(/key=value, got 'batch'/));
});

it('withChanges keeps what is undefined', () =>
  expect(withChanges(recipes.get('cifar10')!, { steps: 10, batchSize: undefined })).toMatchObject({
    steps: 10,
    batchSize: 128,
  }));

describe('other steps', () => {
  // 32,000 and 48,000 of 64,000 iterations are a half and three quarters.
  const cifar10 = recipes.get('cifar10')!;
  const half = { kind: 'multistep', base: 0.1, milestones: [50, 75], factor: 0.1 };

  it.each([
    ['withChanges', () => withChanges(cifar10, { steps: 100 })],
    ['a setting', () => withSetting(cifar10, 'steps=100')],
    ['a file', () => loadRecipe(file('short.yaml', 'steps: 100\n'))],
  ])('move the milestones with them: %s', (_, changed) =>
    expect(changed()).toMatchObject({ steps: 100, schedule: half }),
  );

  it('are said aloud', () => {
    const notes: string[] = [];
    withChanges(cifar10, { steps: 100 }, (line) => notes.push(line));
    expect(notes).toEqual(['recipe cifar10: milestones 32000, 48000 of 64000 steps become 50, 75 of 100']);
  });

  it.each([
    ['milestones that are given', withChanges(cifar10, { steps: 100, schedule: { milestones: [10, 20] } })],
    ['in whatever order', withSettings(cifar10, ['schedule.milestones=[10,20]', 'steps=100'])],
  ])('leave %s', (_, { schedule }) => expect(schedule).toEqual({ ...half, milestones: [10, 20] }));

  it('so few that milestones meet keep each once', () =>
    expect(withChanges(cifar10, { steps: 1 }).schedule).toEqual({ ...half, milestones: [1] }));

  it('move a warm-up, and nothing of a schedule without iterations', () => {
    const cosine = withChanges(cifar10, { schedule: { kind: 'cosine', base: 0.1, min: 0, warmupSteps: 640 } });
    expect(withChanges(cosine, { steps: 6400 }).schedule).toMatchObject({ warmupSteps: 64 });
    const constant = withChanges(cifar10, { schedule: { kind: 'constant', base: 0.1 } });
    expect(withChanges(constant, { steps: 10 }).schedule).toEqual({ kind: 'constant', base: 0.1 });
  });

  it('that are none are refused as ever', () =>
    expect(() => withSetting(cifar10, 'steps=many')).toThrow(/steps: .*got "many"/));
});

it("the README's recipe file resolves", () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readme)![1]!;
  expect(loadRecipe(file('readme.yaml', yaml))).toMatchObject({
    model: { name: 'resnet32' },
    steps: 2000,
    batchSize: 128,
  });
});
