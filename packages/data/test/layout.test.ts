import { describe, expect, it } from 'vitest';
import { LayoutError } from '../src/errors';
import { describeOtherFiles, readLayout } from '../src/layout';
import { byCodePoint } from '../src/text-order';

/** A source of these files. */
const listing = (files: readonly string[], folders: readonly string[] = []) => ({
  files,
  folders,
  skipped: [],
  realPath: null,
});

const read = (...files: string[]) => readLayout('photos', listing(files));

describe('split folders', () => {
  it.each([
    ['Train', 'Test', ['train', 'test']],
    ['TRAIN', 'VAL', ['train', 'val']],
    ['Training', 'Testing', ['train', 'test']],
    ['training', 'validation', ['train', 'val']],
    ['train', 'dev', ['train', 'val']],
    ['train', 'eval', ['train', 'val']],
    ['train', 'Valid', ['train', 'val']],
  ])('%s and %s are splits, no classes', (one, other, splits) => {
    const layout = read(...['cat', 'dog'].flatMap((name) => [`${one}/${name}/0.png`, `${other}/${name}/0.png`]));
    expect([layout.classes, [...layout.splits.keys()]]).toEqual([['cat', 'dog'], splits]);
  });

  it.each([
    ['val', 'dev'],
    ['train', 'Train'],
  ])('%s beside %s would be one split of both', (one, other) => {
    const load = () => read('test/cat/0.png', `${one}/cat/0.png`, `${other}/cat/0.png`);
    expect(load).toThrow(LayoutError);
    expect(load).toThrow(`got ${one} and ${other}`);
  });

  it('are no classes: images right in them are refused', () =>
    expect(() => read('dev/0.png', 'Train/0.png')).toThrow(/must lie in its class's folder, got dev\/0\.png/));

  it('may be classes beside others', () => expect(read('dev/0.png', 'ops/0.png').classes).toEqual(['dev', 'ops']));
});

describe('class names', () => {
  // Python: sorted(['zebra', 'Äpfel', '\uff21', '😀', '狗', 'Zoo', 'a', '\ue000', '𝒳']).
  const sorted = ['Zoo', 'a', 'zebra', 'Äpfel', '狗', '\ue000', '\uff21', '𝒳', '😀'];

  it('are in the order of Python', () => {
    const shuffled = ['😀', 'zebra', '\uff21', 'Äpfel', 'a', '𝒳', 'Zoo', '\ue000', '狗'];
    expect(read(...shuffled.map((name) => `${name}/0.png`)).classes).toEqual(sorted);
    expect(['ab', 'a', '', 'aa'].sort(byCodePoint)).toEqual(['', 'a', 'aa', 'ab']);
  });

  it('in two forms of Unicode are one class', () => {
    // unicodedata.normalize('NFC' and 'NFD', 'café').
    const [nfc, nfd] = ['caf\u00e9', 'cafe\u0301'];
    const { classes, splits } = read(`train/${nfc}/0.png`, 'train/tea/0.png', `test/${nfd}/0.png`, 'test/tea/0.png');
    expect(classes).toEqual([nfc, 'tea']);
    expect(splits.get('test')).toEqual([
      { path: `test/${nfd}/0.png`, label: 0 },
      { path: 'test/tea/0.png', label: 1 },
    ]);
  });
});

describe('files of other kinds', () => {
  it('are read where they are images', () => {
    const names = ['0.png', '1.JPG', '2.jpeg', '3.jpe', '4.jfif', '5.webp', '6.gif', '7.tif', '8.TIFF', '9.avif'];
    expect(read(...names.map((name) => `cat/${name}`)).splits.get('train')).toHaveLength(10);
  });

  it('are counted by extension otherwise, but for hidden ones', () => {
    const { otherFiles } = read(
      'cat/0.png',
      'cat/1.bmp',
      'cat/2.BMP',
      'cat/3.svg',
      'readme',
      '.DS_Store',
      'cat/Thumbs.db',
      'cat/._1.bmp',
    );
    expect(otherFiles).toEqual({ bmp: 2, svg: 1, '': 1 });
    expect(describeOtherFiles(otherFiles)).toBe('2 .bmp, 1 without extension, 1 .svg');
  });

  it('are told where a class has nothing else', () => {
    const load = () => readLayout('photos', listing(['cat/0.png', 'dog/0.bmp', 'dog/1.heic'], ['cat', 'dog']));
    expect(load).toThrow(/got none in dog, but 1 \.bmp, 1 \.heic\. Add some \(PNG, JPEG, /);
  });

  it('are told where there is no image', () =>
    expect(() => read('cat/0.bmp', 'dog/0.bmp')).toThrow(/got no image, but 2 \.bmp\. Convert them/));
});
