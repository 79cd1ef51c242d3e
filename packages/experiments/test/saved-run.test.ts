import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@resnet/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../src/errors';
import { loadRecipe } from '../src/recipe/resolve';
import { loadRun, requireRun } from '../src/run/saved-run';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saved-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Reads a run whose recipe is whole, unless `name` takes its place. */
function read(folder: string, name: string) {
  const recipe = join(folder, 'recipe.json');
  if (name !== 'recipe.json') writeFileSync(recipe, JSON.stringify({ recipe: loadRecipe('cifar10') }));
  return loadRun(folder);
}

describe.each(['recipe.json', 'result.json', 'preprocessing.json'])('%s of a stranger', (name) => {
  it.each(['5', '[]', 'null', '{}', '"x"', '{', '', '{"recipe": 5}'])(
    'is refused in words where it holds %s',
    (text) => {
      writeFileSync(join(folder, name), text);
      expect(() => read(folder, name)).toThrow(UsageError);
    },
  );

  it.each(['a pipe', 'a link'])('is refused at once where it is %s', (what) => {
    const path = join(folder, name);
    if (what === 'a pipe') execFileSync('mkfifo', [path]);
    else symlinkSync('/etc/hostname', path);
    expect(() => read(folder, name)).toThrow(FileError);
    expect(() => read(folder, name)).toThrow(`${path} must be a regular file, got ${what}`);
  });
});

it.each(['preprocessing.json', 'weights.safetensors', 'events.jsonl'])(
  'a run whose %s is a link is not gone on with',
  (name) => {
    writeFileSync(join(folder, 'victim'), '');
    symlinkSync('victim', join(folder, name));
    expect(() => requireRun(folder)).toThrow(`${name} must be a regular file, got a link`);
  },
);

describe('a recipe', () => {
  it('of 300,000 keys is refused at once', () => {
    const path = join(folder, 'many.yaml');
    writeFileSync(path, Array.from({ length: 300_000 }, (_, i) => `key${i}: 1\n`).join(''));
    const before = performance.now();
    expect(() => loadRecipe(path)).toThrow(/must have at most 32768 bytes/);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('of as many unknown keys as fit is told of the first ten', () => {
    const path = join(folder, 'many.json');
    writeFileSync(path, JSON.stringify(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key${i}`, 1]))));
    expect(() => loadRecipe(path)).toThrow(/unknown setting 'key9'.*… and 1990 more\./);
  });

  it('that is a pipe is refused at once', () => {
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    expect(() => loadRecipe(join(folder, 'pipe.yaml'))).toThrow('must be a regular file, got a pipe');
  });

  it('that is a folder is fine-tuned on, unless it is a run', () => {
    const [photos, run] = ['photos', 'run'].map((name) => join(folder, name)) as [string, string];
    mkdirSync(photos);
    expect(loadRecipe(`${photos}/`)).toMatchObject({
      name: 'photos',
      data: `${photos}/`,
      optimizer: 'adamw',
      validation: 0.2,
    });
    mkdirSync(run);
    writeFileSync(join(run, 'recipe.json'), '{}');
    expect(() => loadRecipe(run)).toThrow(/must be a recipe or images, got .*, a run/);
  });
});
