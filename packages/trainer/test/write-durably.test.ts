import { type FileHandle, type FileSystem, fileCheckpoints, writeDurably } from '@resnet/trainer/node';
import { describe, expect, it } from 'vitest';

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
    close: async () => {},
  });
  return {
    durable,
    visible,
    calls,
    mkdir: async () => undefined,
    readdir: async (folder) => [...visible.keys()].map((name) => name.slice(folder.length + 1)),
    stat: async (path) => ({ isFile: () => visible.has(path) }),
    readFile: async (path) => visible.get(path)!,
    open: async (path, flags) => {
      call(`open ${path}`);
      if (flags === 'w') visible.set(path, new Uint8Array());
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

const old = Uint8Array.of(1, 2, 3);
const fresh = Uint8Array.from({ length: 50 }, (_, i) => i);

describe('writeDurably', () => {
  it('syncs the file before the rename and the folder after it', async () => {
    const fs = disk();
    await writeDurably('/run/a', fresh, fs);
    expect(fs.calls).toEqual([
      'open /run/a.writing.tmp',
      'write /run/a.writing.tmp',
      'sync /run/a.writing.tmp',
      'rename /run/a.writing.tmp /run/a',
      'open /run',
      'sync /run',
    ]);
    expect(fs.durable).toEqual(new Map([['/run/a', fresh]]));
  });

  it('goes on after short writes', async () => {
    const fs = disk(Number.POSITIVE_INFINITY, 7);
    await writeDurably('/run/a', fresh, fs);
    expect(fs.durable.get('/run/a')).toEqual(fresh);
  });

  it('fails rather than waits when nothing more is taken', async () => {
    await expect(writeDurably('/run/a', fresh, disk(Number.POSITIVE_INFINITY, 0))).rejects.toThrow(
      /\/run\/a must be writable, got a write that took no bytes/,
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('leaves old or new content when call %i fails', async (at) => {
    const before = disk();
    await writeDurably('/run/a', old, before);
    const fs = disk(at, 7);
    for (const [name, bytes] of before.durable) {
      fs.visible.set(name, bytes);
      fs.durable.set(name, bytes);
    }
    await writeDurably('/run/a', fresh, fs).catch((error) => expect(error.cause.code).toBe('EIO'));
    expect([old, fresh]).toContainEqual(fs.visible.get('/run/a'));
    expect([old, fresh]).toContainEqual(fs.durable.get('/run/a'));
  });
});

describe('fileCheckpoints', () => {
  const write = (fs: FileSystem, step: number, keep = 2) =>
    fileCheckpoints('/run', { keep, fs }).write({ step, bytes: fresh, bestStep: null });

  it.each(Array.from({ length: 9 }, (_, i) => i))(
    'always have a whole one when call %i of a write fails',
    async (at) => {
      const fs = disk();
      await write(fs, 100, 1);
      const failing = disk(at);
      failing.visible.set('/run/step-00000100.safetensors', fresh);
      await write(failing, 200, 1).catch(() => undefined);
      expect(
        [...failing.visible].filter(([name]) => name.endsWith('.safetensors')).map(([, bytes]) => bytes),
      ).toContainEqual(fresh);
    },
  );

  it('discard later ones, which another continuation of the run left behind', async () => {
    const fs = disk();
    for (const step of [100, 200, 300, 150]) await write(fs, step, 3);
    expect(await fileCheckpoints('/run', { fs }).list()).toEqual([
      'step-00000150.safetensors',
      'step-00000100.safetensors',
    ]);
  });

  it('discard what a killed write left behind', async () => {
    const fs = disk();
    fs.visible.set('/run/step-00000007.safetensors.writing.tmp', old);
    await write(fs, 100);
    expect([...fs.visible.keys()]).toEqual(['/run/step-00000100.safetensors']);
  });

  it('refuse to keep none', () => {
    expect(() => fileCheckpoints('/run', { keep: 0 })).toThrow(/keep must be an integer of at least 1, got 0/);
  });
});
