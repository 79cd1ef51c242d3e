import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  discard,
  FileError,
  makeFolder,
  makeNewFolder,
  move,
  moveDurably,
  remove,
  writeNew,
  writePrivately,
} from '@resnet/files';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support';

describe('changes of a folder', () => {
  it('are made, and nothing there is fine for what removes', async () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    await makeFolder(folder);
    await makeFolder(folder);
    expect(await makeNewFolder(join(folder, 'c'))).toBe(true);
    expect(await makeNewFolder(join(folder, 'c'))).toBe(false);
    await writeNew(join(folder, 'c', 'file'), Buffer.from('x'));
    await move(join(folder, 'c'), join(folder, 'd'));
    await moveDurably(join(folder, 'd', 'file'), join(folder, 'file'));
    expect(readdirSync(folder).sort()).toEqual(['d', 'file']);
    for (const path of ['d', 'file', 'nothing']) await remove(join(folder, path));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keep a secret to its user, whatever was there before', async () => {
    const path = join(temporaryFolder(), 'token');
    writeFileSync(path, 'old');
    await writePrivately(path, 'new');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o600]);
  });

  it('remove a link, not what it leads to', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'theirs'));
    writeFileSync(join(folder, 'theirs', 'file'), 'theirs');
    symlinkSync('theirs', join(folder, 'link'));
    await remove(join(folder, 'link'));
    expect(readFileSync(join(folder, 'theirs', 'file'), 'utf8')).toBe('theirs');
    expect(existsSync(join(folder, 'link'))).toBe(false);
  });

  it('write over nothing', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, 'old');
    await expect(writeNew(path, Buffer.from('new'))).rejects.toThrow(/must be a new file.*EEXIST.*Move away/);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['makeFolder', (path) => makeFolder(path), /ENOTDIR.*A part of the path is not a folder/],
    ['makeNewFolder', (path) => makeNewFolder(path), /ENOTDIR.*A part of the path is not a folder/],
    ['move', (path) => move(path, `${path}-2`), /ENOTDIR.*A part of the path is not a folder/],
    ['remove', (path) => remove(path), /ENOTDIR.*A part of the path is not a folder/],
  ])('say by %s what to do', async (_, change, words) => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(change(join(file, 'inside'))).rejects.toBeInstanceOf(FileError);
    await expect(change(join(file, 'inside'))).rejects.toThrow(words);
    await discard(join(file, 'inside'));
  });
});
