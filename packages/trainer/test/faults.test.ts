import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FileError, type FileHandle, type FileSystem, isTemporary, nodeFileSystem } from '@resnet/files';
import { newestCheckpoint, train } from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, toyModel, toyRun } from './toys';

/** A temporary name has an owner and chance in it. */
const nameOf = (path: string): string => (isTemporary(path) ? 'temporary' : basename(path));

type Fault = 'EIO' | 'ENOSPC' | 'kill';

/** Resolves never: the process that waits for it is gone. */
const nevermore = () => new Promise<never>(() => {});

/** The real file system, in which call number `at` fails, or is the last one that half happens. Writes take 1,000 bytes at most. */
function faulty(fault: Fault | null, at: number): FileSystem & { calls: string[]; killed: Promise<'killed'> } {
  const calls: string[] = [];
  let die: (how: 'killed') => void = () => {};
  const killed = new Promise<'killed'>((resolve) => {
    die = resolve;
  });
  const call = async <T>(what: string, real: () => Promise<T>, half: () => Promise<unknown> = real): Promise<T> => {
    if (fault === 'kill' && calls.length > at) return nevermore();
    calls.push(what);
    if (fault === null || calls.length - 1 !== at) return real();
    if (fault !== 'kill') throw Object.assign(new Error(`${fault}: made for a test`), { code: fault });
    await half();
    die('killed');
    return nevermore();
  };
  const handle = (name: string, file: FileHandle): FileHandle => ({
    stat: () => file.stat(),
    read: (into, offset, length, position) => file.read(into, offset, length, position),
    write: (bytes, offset, length) => {
      const part = Math.min(length, 1000);
      return call(
        `write ${name}`,
        () => file.write(bytes, offset, part),
        () => file.write(bytes, offset, part >> 1),
      );
    },
    sync: () => call(`fsync ${name}`, () => file.sync()),
    // Not a place of faults, so that no test leaves files open.
    close: () => file.close(),
  });
  const { open, rename, unlink } = nodeFileSystem;
  return {
    ...nodeFileSystem,
    calls,
    killed,
    open: async (path, flags) => handle(nameOf(path), await call(`open ${nameOf(path)}`, () => open(path, flags))),
    rename: (from, to) => call(`rename ${nameOf(from)}`, () => rename(from, to)),
    unlink: (path) => call(`unlink ${nameOf(path)}`, () => unlink(path)),
  };
}

let parent: string;
let prepared: string;
let third: Uint8Array;
beforeAll(async () => {
  await tf.setBackend('cpu');
  parent = await mkdtemp(join(tmpdir(), 'faults-'));
  prepared = join(parent, 'checkpoints');
  const upTo = (steps: number) =>
    collect(train(toyRun(toyModel(), { steps, checkpoints: { store: fileCheckpoints(prepared), every: 4 } })));
  await upTo(12);
  third = await readFile(join(prepared, 'step-00000012.safetensors'));
  await rm(prepared, { recursive: true });
  await upTo(8);
});
afterAll(() => rm(parent, { recursive: true }));

/** A folder with the checkpoints of steps 4 and 8, into which that of step 12 is written. */
async function written(fault: Fault | null, at: number) {
  const folder = await mkdtemp(join(parent, 'run-'));
  await cp(prepared, folder, { recursive: true });
  const fs = faulty(fault, at);
  const writing = fileCheckpoints(folder, { fs }).write({ step: 12, bytes: third, bestStep: null });
  const outcome = await Promise.race([writing.then(() => 'written' as const), fs.killed]).catch((error) => error);
  return { folder, calls: fs.calls, outcome };
}

const none = (message: string) => expect.unreachable(message);
const stepOf = async (folder: string) =>
  (await newestCheckpoint(fileCheckpoints(folder), none))!.contents.progress.step;

describe('a checkpoint', () => {
  it('is written, flushed, renamed, and its folder flushed, in this order', async () => {
    const { folder, calls, outcome } = await written(null, 0);
    expect(outcome).toBe('written');
    const writes = calls.filter((call) => call.startsWith('write'));
    expect(writes).toHaveLength(Math.ceil(third.length / 1000));
    expect(calls.filter((call) => !call.startsWith('write'))).toEqual([
      'open temporary',
      'fsync temporary',
      'rename temporary',
      `open ${basename(folder)}`,
      `fsync ${basename(folder)}`,
      'unlink step-00000004.safetensors',
    ]);
    expect(calls.lastIndexOf(writes.at(-1)!)).toBeLessThan(calls.indexOf('fsync temporary'));
  });

  it.each<Fault>(['EIO', 'ENOSPC', 'kill'])('stays whole, the old or the new, with %s at every call', async (fault) => {
    const { calls } = await written(null, 0);
    const renamed = calls.indexOf('rename temporary');
    expect(renamed).toBeGreaterThan(4);
    for (let at = 0; at < calls.length; at++) {
      const { folder, outcome } = await written(fault, at);
      const where = `${fault} at ${calls[at]} (${at})`;
      const beforeTheName = fault === 'kill' ? at < renamed : at <= renamed;
      expect(await stepOf(folder), where).toBe(beforeTheName ? 8 : 12);
      if (fault === 'kill') expect(outcome, where).toBe('killed');
      // Once the new one is safe, an old one that stays is no failure.
      else if (calls[at]!.startsWith('unlink')) expect(outcome, where).toBe('written');
      else expect(outcome, where).toBeInstanceOf(FileError);
      // The next life goes on in the same folder and sweeps it.
      await fileCheckpoints(folder).write({ step: 12, bytes: third, bestStep: null });
      expect((await readdir(folder)).sort()).toEqual(['step-00000008.safetensors', 'step-00000012.safetensors']);
      await rm(folder, { recursive: true });
    }
  });
});
