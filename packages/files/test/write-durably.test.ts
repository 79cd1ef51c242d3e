import { execFileSync, spawn } from 'node:child_process';
import { constants, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileError, type FileHandle, type FileSystem, isTemporary, writeDurably, writeTogether } from '@resnet/files';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support';

/** What a disk holds after a crash, in the worst case that fsync allows. */
interface Disk {
  /** Contents that are safe. */
  durable: Map<string, Uint8Array>;
  /** Contents as programs see them. */
  visible: Map<string, Uint8Array>;
}

/** A file system in memory that stops at call number `at`, and may write less than it is asked for. */
function disk(
  at = Number.POSITIVE_INFINITY,
  shortest = Number.POSITIVE_INFINITY,
): FileSystem & Disk & { calls: string[] } {
  const durable = new Map<string, Uint8Array>();
  const visible = new Map<string, Uint8Array>();
  const synced = new Map<string, Uint8Array>();
  const calls: string[] = [];
  const call = (what: string) => {
    if (calls.length >= at) throw Object.assign(new Error(`EIO: i/o error, ${what}`), { code: 'EIO' });
    calls.push(what);
  };
  const handle = (path: string): FileHandle => ({
    write: async (bytes, offset, length) => {
      call(`write ${path}`);
      const part = bytes.slice(offset, offset + Math.min(length, shortest));
      visible.set(path, Uint8Array.from([...visible.get(path)!, ...part]));
      return { bytesWritten: part.length };
    },
    sync: async () => {
      call(`sync ${path}`);
      const bytes = visible.get(path);
      if (bytes) synced.set(path, bytes);
      // A folder: its names are safe now, each with what was synced of its file.
      else {
        durable.clear();
        for (const name of visible.keys()) durable.set(name, synced.get(name) ?? new Uint8Array());
      }
    },
    stat: async () => factsOf(visible.get(path)),
    read: async () => ({ bytesRead: 0 }),
    close: async () => {},
  });
  return {
    durable,
    visible,
    calls,
    mkdir: async () => undefined,
    readdir: async (folder) => [...visible.keys()].map((name) => name.slice(folder.length + 1)),
    lstat: async (path) => {
      if (!visible.has(path)) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      return factsOf(visible.get(path));
    },
    open: async (path, flags) => {
      call(`open ${path}`);
      if (flags & constants.O_CREAT) visible.set(path, new Uint8Array());
      return handle(path);
    },
    rename: async (from, to) => {
      call(`rename ${from} ${to}`);
      visible.set(to, visible.get(from)!);
      // Worst case: the new name is on the disk before the content, unless that was synced.
      durable.set(to, synced.get(from) ?? new Uint8Array());
      synced.set(to, synced.get(from) ?? new Uint8Array());
      visible.delete(from);
    },
    unlink: async (path) => {
      call(`unlink ${path}`);
      visible.delete(path);
      durable.delete(path);
    },
  };
}

const factsOf = (bytes: Uint8Array | undefined) => ({
  isFile: () => bytes !== undefined,
  isDirectory: () => bytes === undefined,
  isSymbolicLink: () => false,
  isFIFO: () => false,
  nlink: 1,
  size: bytes?.length ?? 0,
  mtimeMs: 0,
});

const old = Uint8Array.of(1, 2, 3);
const fresh = Uint8Array.from({ length: 50 }, (_, i) => i);

describe('writeDurably', () => {
  it('syncs the file before the rename and the folder after it', async () => {
    const fs = disk();
    await writeDurably('/run/a', fresh, {}, fs);
    const temporary = fs.calls[0]!.replace('open ', '');
    expect(isTemporary(temporary)).toBe(true);
    expect(fs.calls).toEqual([
      `open ${temporary}`,
      `write ${temporary}`,
      `sync ${temporary}`,
      `rename ${temporary} /run/a`,
      'open /run',
      'sync /run',
    ]);
    expect(fs.durable).toEqual(new Map([['/run/a', fresh]]));
  });

  it('goes on after short writes', async () => {
    const fs = disk(Number.POSITIVE_INFINITY, 7);
    await writeDurably('/run/a', fresh, {}, fs);
    expect(fs.durable.get('/run/a')).toEqual(fresh);
  });

  it('fails rather than waits when nothing more is taken', async () => {
    await expect(writeDurably('/run/a', fresh, {}, disk(Number.POSITIVE_INFINITY, 0))).rejects.toThrow(
      /\/run\/a must be writable, got a write of 0 bytes/,
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('leaves old or new content when call %i fails', async (at) => {
    const before = disk();
    await writeDurably('/run/a', old, {}, before);
    const fs = disk(at, 7);
    for (const [name, bytes] of before.durable) {
      fs.visible.set(name, bytes);
      fs.durable.set(name, bytes);
    }
    await writeDurably('/run/a', fresh, {}, fs).catch((error) =>
      expect(error).toMatchObject({ path: '/run/a', code: 'EIO' }),
    );
    expect([old, fresh]).toContainEqual(fs.visible.get('/run/a'));
    expect([old, fresh]).toContainEqual(fs.durable.get('/run/a'));
  });
});

describe('writeTogether', () => {
  const both = [
    ['/run/a', fresh],
    ['/run/b', fresh],
  ] as const;

  it('replaces no file before all are on the disk', async () => {
    const fs = disk();
    await writeTogether(both, {}, fs);
    expect(fs.calls.map((call) => call.split(' ')[0])).toEqual([
      ...['open', 'write', 'sync', 'open', 'write', 'sync'],
      ...['rename', 'rename', 'open', 'sync'],
    ]);
    expect(fs.durable).toEqual(new Map(both));
  });

  // Two files of 50 bytes, 7 at a time: open, 8 writes and sync each; the first rename is call 20.
  it.each(Array.from({ length: 21 }, (_, at) => at))('leaves all as they were where call %i fails', async (at) => {
    const fs = disk(at, 7);
    for (const name of ['/run/a', '/run/b']) fs.visible.set(name, old);
    await expect(writeTogether(both, {}, fs)).rejects.toMatchObject({
      code: 'EIO',
      path: both[at < 10 ? 0 : at < 20 ? 1 : 0][0],
    });
    expect(fs.visible.get('/run/a')).toBe(old);
    expect(fs.visible.get('/run/b')).toBe(old);
  });
});

describe('writeDurably on a disk', () => {
  it.each([
    ['a link', (path: string) => symlinkSync('victim', path), 'got a link'],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'got a pipe'],
    ['a folder', (path: string) => mkdirSync(path), 'got a folder'],
  ])('does not replace %s', async (_, make, reason) => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    writeFileSync(join(folder, 'victim'), 'theirs');
    make(path);
    await expect(writeDurably(path, 'mine')).rejects.toThrow(reason);
    await expect(writeDurably(path, 'mine')).rejects.toBeInstanceOf(FileError);
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('theirs');
    expect(readdirSync(folder).sort()).toEqual(['file', 'victim']);
  });

  it('replaces what a link of the user leads to, and one of several names of a file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'file'), 'old');
    symlinkSync('elsewhere/file', join(folder, 'link'));
    await writeDurably(join(folder, 'link'), 'new', { links: 'follow' });
    expect(readFileSync(join(folder, 'elsewhere', 'file'), 'utf8')).toBe('new');
    linkSync(join(folder, 'elsewhere', 'file'), join(folder, 'backup'));
    await writeDurably(join(folder, 'elsewhere', 'file'), 'newer');
    expect(readFileSync(join(folder, 'backup'), 'utf8')).toBe('new');
  });

  it('gives each of two writers a name of its own, so that one of them wins whole', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    const parts = function* (letter: string) {
      for (let i = 0; i < 100; i++) yield Buffer.from(letter.repeat(1000));
    };
    await Promise.all(['a', 'b', 'c'].map((letter) => writeDurably(path, parts(letter))));
    expect(readFileSync(path, 'utf8')).toMatch(/^(a+|b+|c+)$/);
    expect(readFileSync(path)).toHaveLength(100_000);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('leaves the old file where its parts fail', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    const failing = async function* () {
      yield Buffer.from('half');
      throw new Error('no more');
    };
    await expect(writeDurably(path, failing())).rejects.toThrow('no more');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it.each([
    ['/proc/none', /ENOENT.*Check the path/],
    ['/dev/full', /got a device or socket.*choose another name/],
    [`/dev/shm/${'x'.repeat(300)}`, /ENAMETOOLONG.*shorter name/],
    ['/etc/hostname/file', /ENOTDIR.*part of the path is not a folder/],
  ])('says of %s what to do', async (path, words) => {
    await expect(writeDurably(path, 'x')).rejects.toThrow(words);
  });

  it('says of a limit on files, and on their size, what to do', async () => {
    const script = (limit: string) =>
      `${limit}; exec "${process.execPath}" --input-type=module -e "
        import { writeDurably } from '@resnet/files';
        process.on('SIGXFSZ', () => {});
        writeDurably('${join(temporaryFolder(), 'file')}', Buffer.alloc(100_000)).catch((error) => console.log(error.message));"`;
    const said = (limit: string) =>
      new Promise<string>((resolve) => {
        const child = spawn('bash', ['-c', script(limit)], { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        child.stdout.on('data', (data) => {
          text += data;
        });
        child.on('close', () => resolve(text));
      });
    expect(await said('ulimit -f 10')).toMatch(/EFBIG.*ulimit -f/);
  });
});
