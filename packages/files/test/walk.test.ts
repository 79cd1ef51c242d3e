import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileError, walk } from '@resnet/files';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support';

/** A folder with empty files of these names, and links: `name -> target`. */
function tree(...entries: string[]): string {
  const root = temporaryFolder();
  for (const entry of entries) {
    const [name, target] = entry.split(' -> ');
    mkdirSync(dirname(join(root, name!)), { recursive: true });
    if (target === undefined) writeFileSync(join(root, name!), '');
    else symlinkSync(target, join(root, name!));
  }
  return root;
}

describe('walk', () => {
  it('lists files and folders by their paths', async () => {
    const { files, folders, skipped } = await walk(tree('b/2', 'a/x/1', 'c'));
    expect(files.toSorted()).toEqual(['a/x/1', 'b/2', 'c']);
    expect(folders.toSorted()).toEqual(['a', 'a/x', 'b']);
    expect(skipped).toEqual([]);
  });

  it('passes over what is ignored', async () => {
    const root = tree('a/.hidden/1', 'a/2', '.git -> nowhere');
    const { files, skipped } = await walk(root, { ignore: (name) => name.startsWith('.') });
    expect([files, skipped]).toEqual([['a/2'], []]);
  });

  it('follows links to files and folders, and knows where they really are', async () => {
    const elsewhere = tree('dog/1.png', '2.png');
    const root = tree('cat/3.png', `dog -> ${join(elsewhere, 'dog')}`, `cat/2.png -> ${join(elsewhere, '2.png')}`);
    const { files, folders, realPaths } = await walk(root);
    expect(files.toSorted()).toEqual(['cat/2.png', 'cat/3.png', 'dog/1.png']);
    expect(folders.toSorted()).toEqual(['cat', 'dog']);
    expect([...realPaths].toSorted()).toEqual([
      ['cat/2.png', join(elsewhere, '2.png')],
      ['dog/1.png', join(elsewhere, 'dog', '1.png')],
    ]);
  });

  it.each([
    ['to the folder above', 'cat/up -> ..'],
    ['to its own folder', 'cat/up -> .'],
    ['to the folder above by a link', 'cat/up -> ../back', 'back -> .'],
  ])('leaves out a link %s', async (_, ...links) => {
    const { files, skipped } = await walk(tree('cat/1', 'dog/2', ...links));
    expect(files.toSorted()).toEqual(['cat/1', 'dog/2']);
    expect(skipped.map(({ path, reason }) => `${path}: ${reason}`)).toContain(
      'cat/up: a link to a folder that contains it',
    );
  });

  it('comes to an end in a web of links', async () => {
    const loops = Array.from({ length: 6 }, (_, i) => `a${i} -> .`);
    expect((await walk(tree('1', ...loops))).files).toEqual(['1']);
    // Eight folders, each with a link to every other: 8! ways through them.
    const names = [...'abcdefgh'];
    const web = names.flatMap((from) => names.filter((to) => to !== from).map((to) => `${from}/${to} -> ../${to}`));
    const { files, skipped } = await walk(tree(...names.map((name) => `${name}/1`), ...web));
    expect(names.every((name) => files.includes(`${name}/1`))).toBe(true);
    expect(files.length).toBeLessThanOrEqual(4 * 8);
    expect(skipped.length).toBeGreaterThan(0);
  });

  it('leaves out what cannot be opened, and says why', async () => {
    const root = tree('cat/1.png', 'cat/gone.png -> /nowhere/0.png', 'cat/loop -> loop', 'cat/zero -> /dev/zero');
    execFileSync('mkfifo', [join(root, 'cat', 'pipe')]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/cat/`), Buffer.from([0xff, 0x2e, 0x70])]), '');
    const { files, skipped } = await walk(root);
    expect(files).toEqual(['cat/1.png']);
    expect(skipped.map(({ path, reason }) => `${path}: ${reason}`).toSorted()).toEqual([
      'cat/gone.png: a link to nothing',
      'cat/loop: a link in a circle',
      'cat/pipe: a pipe',
      'cat/zero: a link to a device or socket',
      'cat/\ufffd.p: a name that is not UTF-8',
    ]);
  });

  it('takes a name that has U+FFFD in it by right', async () => {
    expect((await walk(tree('\ufffd.png'))).files).toEqual(['\ufffd.png']);
  });

  it('names what cannot be read', async () => {
    await expect(walk('/proc/self/none')).rejects.toThrow(FileError);
    await expect(walk('/proc/self/none')).rejects.toThrow(/^walk: \/proc\/self\/none must be readable, got ENOENT/);
  });
});
