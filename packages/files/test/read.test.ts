import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  appendFile,
  FileError,
  openFile,
  readBytes,
  readBytesSync,
  readText,
  requireFolder,
  streamFile,
} from '@resnet/files';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support';

/** Every way to open a file, each as a promise. */
const readers: [string, (path: string) => Promise<unknown>][] = [
  ['readBytes', (path) => readBytes(path)],
  ['readBytesSync', async (path) => readBytesSync(path)],
  ['openFile', (path) => openFile(path)],
  ['streamFile', (path) => streamFile(path)],
  ['appendFile', async (path) => appendFile(path)],
];

describe.each(readers)('%s', (name, read) => {
  // A pipe would be waited for: the test's time limit is what fails where that happens.
  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path]), /must be a regular file, got a pipe/],
    ['a folder', (path: string) => mkdirSync(path), /must be a regular file, got a folder/],
    ['a link to a device', (path: string) => symlinkSync('/dev/zero', path), /must be a regular file, got a link/],
    ['a link to nothing', (path: string) => symlinkSync('nowhere', path), /must be a regular file, got a link/],
    ['a link to a file', (path: string) => symlinkSync('victim', path), /must be a regular file, got a link/],
    ['a second name of a file', (path: string) => linkSync(join(path, '../victim'), path), /got a file with 2 names/],
  ])('refuses %s at once, and leaves what is behind it alone', async (_, make, reason) => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    writeFileSync(join(folder, 'victim'), 'theirs');
    make(path);
    const error = await read(path).then(
      () => null,
      (caught: Error) => caught,
    );
    expect(error).toBeInstanceOf(FileError);
    expect(error?.message).toMatch(reason);
    expect(error?.message).toContain(path);
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('theirs');
    expect(readdirSync(folder).sort()).toEqual(['file', 'victim']);
  });

  it.skipIf(name === 'appendFile')('says what to do where there is nothing', async () => {
    const path = join(temporaryFolder(), 'none');
    await expect(read(path)).rejects.toThrow(`${path} must be a file that can be read, got ENOENT`);
    await expect(read(path)).rejects.toMatchObject({ code: 'ENOENT', path });
  });
});

describe('links that the user made', () => {
  it('are followed to a regular file, and to nothing else', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'link');
    writeFileSync(join(folder, 'mine'), 'mine');
    symlinkSync('mine', path);
    expect(await readText(path, { links: 'follow' })).toBe('mine');
    unlinkSync(path);
    symlinkSync('/dev/zero', path);
    await expect(readBytes(path, { links: 'follow' })).rejects.toThrow(
      'must be a regular file, got a device or socket',
    );
    unlinkSync(path);
    symlinkSync('link', path);
    await expect(readBytes(path, { links: 'follow' })).rejects.toThrow(/ELOOP.*circle/);
  });
});

describe('readBytes', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 1_000_000])('reads %i bytes', async (length) => {
    const path = join(temporaryFolder(), 'file');
    const bytes = Uint8Array.from({ length }, (_, i) => (i * i) % 251);
    writeFileSync(path, bytes);
    expect(Buffer.compare(await readBytes(path), bytes)).toBe(0);
    expect(Buffer.compare(readBytesSync(path), bytes)).toBe(0);
  });

  it('reads files whose size the system does not know', () => {
    expect(Buffer.from(readBytesSync('/proc/self/status')).toString()).toMatch(`Pid:\t${process.pid}\n`);
  });

  it('refuses more than it may read, whatever size the system told', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, 'abcdef');
    expect(await readText(path, { maxBytes: 6 })).toBe('abcdef');
    await expect(readBytes(path, { maxBytes: 5 })).rejects.toThrow('must have at most 5 bytes, got 6');
    expect(() => readBytesSync('/proc/self/status', { maxBytes: 5 })).toThrow('must have at most 5 bytes');
  });
});

describe('streamFile', () => {
  it('reads a range', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, 'abcdef');
    const chunks = [];
    for await (const chunk of await streamFile(path, { start: 1, end: 3 })) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('bcd');
  });
});

describe('appendFile', () => {
  it('does not read a file that claims 8 TiB', () => {
    const path = join(temporaryFolder(), 'log');
    writeFileSync(path, 'x');
    try {
      truncateSync(path, 2 ** 43);
    } catch {
      return; // a file system whose files are shorter
    }
    const log = appendFile(path);
    expect(() => log.read()).toThrow(`${path} must have at most 2147483647 bytes, got 8796093022208`);
    log.close();
  });

  it('reads, cuts and appends', () => {
    const path = join(temporaryFolder(), 'log');
    const log = appendFile(path);
    log.append(Buffer.from('one\ntwo\n'));
    expect(Buffer.from(log.read()).toString()).toBe('one\ntwo\n');
    log.truncate(4);
    log.append(Buffer.from('three\n'));
    log.sync();
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('one\nthree\n');
  });
});

describe('requireFolder', () => {
  it('tells a folder from nothing, and refuses a link to one unless it may follow it', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    expect(await requireFolder(join(folder, 'real'))).toBe(true);
    expect(await requireFolder(join(folder, 'none'))).toBe(false);
    expect(await requireFolder(join(folder, 'link'), { links: 'follow' })).toBe(true);
    await expect(requireFolder(join(folder, 'link'))).rejects.toThrow(/link must be a folder and no link, got a link/);
    writeFileSync(join(folder, 'file'), '');
    await expect(requireFolder(join(folder, 'file'))).rejects.toThrow('got a file');
  });
});
