import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packagePicture } from './picture.js';
import { importsOf, readPackages } from './read-packages.js';

const facts = { published: true, libraries: [] };

it('the picture in the documentation is what the code says; `npm run docs:dependencies` draws it anew', async () => {
  expect(readFileSync('docs/figures/packages.svg', 'utf8')).toBe(await packagePicture(readPackages()));
});

it('imports are read from code, not from comments', () => {
  const source = `/** import x from '@resnet/a'; */
import { b, type c } from '@resnet/b';
  // import '@resnet/c';
export * from '@resnet/d/node';
const e = await import('@resnet/e');
import '@resnet/f';`;
  expect(importsOf(source)).toEqual(['b', 'd', 'e', 'f']);
});

it('a new import shows as a new arrow', async () => {
  const picture = (imports: string[]) =>
    packagePicture([
      { ...facts, name: 'up', layer: 'model', imports },
      { ...facts, name: 'down', layer: 'leaf', imports: [] },
    ]);
  expect(await picture(['down'])).toContain('up&#45;&gt;down');
  expect(await picture([])).not.toContain('up&#45;&gt;down');
});
