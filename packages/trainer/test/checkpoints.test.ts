import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FileSystem, nodeFileSystem, temporaryName } from '@resnet/files';
import { parseSafetensors, SafetensorsError } from '@resnet/safetensors';
import {
  bestCheckpoint,
  type CheckpointContents,
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  type Json,
  newestCheckpoint,
  restoreWeights,
  type Schedule,
  type TrainEvent,
  train,
} from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collect, fingerprint, heldOut, toyModel, toyRun } from './toys';

let folder: string;
beforeAll(async () => {
  await tf.setBackend('cpu');
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (options = {}) =>
  toyRun(toyModel(), { checkpoints: { store: fileCheckpoints(folder), every: 4 }, ...options });
const written = (events: readonly TrainEvent[]) => events.flatMap((e) => (e.type === 'checkpoint' ? [e.step] : []));
const steps = async () => (await readdir(folder)).map((name) => Number(/\d+/.exec(name)![0]));
const unexpected = (message: string) => expect.unreachable(message);

describe('checkpoints', () => {
  it('are written every N iterations and at the end; the last two stay', async () => {
    const events = await collect(train(run({ steps: 14 })));
    expect(written(events)).toEqual([4, 8, 12, 14]);
    expect(await readdir(folder)).toEqual(['step-00000012.safetensors', 'step-00000014.safetensors']);
  });

  it('keep as many as asked for, and the best by validation', async () => {
    const store = fileCheckpoints(folder, { keep: 1 });
    // The rate drives the net away from the good state that 30 steps have reached.
    const schedule = (step: number) => (step < 30 ? 0.1 : 3);
    const validation = { batches: heldOut(), every: 10 };
    const model = toyModel();
    const before = { error: 1, print: '' };
    const events = await collect(
      train(toyRun(model, { steps: 60, schedule, validation, checkpoints: { store } })),
      (event) => {
        if (event.type === 'evaluation' && event.best)
          Object.assign(before, { step: event.step, print: fingerprint(model) });
      },
    );
    const end = events.at(-1);
    if (end?.type !== 'end' || !end.best) throw new Error('the run must end with a best validation');
    expect(end.best.step).toBeLessThan(60);
    expect(await steps()).toEqual([end.best.step, 60]);

    const found = await bestCheckpoint(store, unexpected);
    const copy = toyModel(99);
    restoreWeights(copy, found!.contents);
    expect(fingerprint(copy)).toBe(before.print);
  });

  it('are safetensors files that carry their own SHA-256', async () => {
    await collect(train(run()));
    const bytes = await readFile(join(folder, 'step-00000012.safetensors'));
    const { tensors, metadata } = parseSafetensors(bytes);
    const weights = ['conv/kernel', 'fc/bias', 'fc/kernel', 'norm/beta', 'norm/gamma'];
    const statistics = ['norm/moving_mean', 'norm/moving_variance'];
    const expected = [
      ...[...weights, ...statistics].map((name) => `model/${name}`),
      ...weights.map((name) => `optimizer/momentum/${name}`),
      'window/error',
      'window/loss',
    ];
    expect([...tensors.keys()].sort()).toEqual(expected.sort());
    expect(metadata.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are refused by a typed error with any of 1,000 bits changed, and cut at any of 100 places', async () => {
    await collect(train(run()));
    const bytes = await readFile(join(folder, 'step-00000012.safetensors'));
    const refused = async (damaged: Uint8Array, what: string) => {
      const error = await decodeCheckpoint(damaged).catch((error) => error);
      expect([CheckpointError, SafetensorsError], what).toContain(error.constructor);
    };
    for (let i = 0; i < 1000; i++) {
      // Every place of a byte, and every part of the file, is among them.
      const bit = Math.floor((i * 8 * bytes.length) / 1000) + (i % 8);
      const damaged = new Uint8Array(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      await refused(damaged, `bit ${bit}`);
    }
    for (let i = 0; i < 100; i++) await refused(bytes.subarray(0, Math.floor((i * bytes.length) / 100)), `cut ${i} %`);
    await refused(bytes.subarray(0, bytes.length - 1), 'the last byte');
    // Reading changes nothing in what was read.
    for (const _ of [1, 2]) expect((await decodeCheckpoint(bytes)).progress.step).toBe(12);
  });

  it('are passed over when damaged, with a warning, for the one before', async () => {
    await collect(train(run({ steps: 8 })));
    const path = join(folder, 'step-00000008.safetensors');
    await writeFile(path, (await readFile(path)).subarray(0, 500));
    const events = await collect(train(run({ steps: 12 })));
    expect(events[0]).toMatchObject({
      type: 'warning',
      message: expect.stringContaining('step-00000008.safetensors is damaged'),
    });
    expect(events[1]).toMatchObject({ type: 'start', step: 4, resumedFrom: 'step-00000004.safetensors' });
    expect(events.at(-1)).toMatchObject({ type: 'end', step: 12 });
  });

  it.each([
    ['a folder', (path: string) => mkdir(path), /must be a regular file/],
    // Nobody writes it: a read would never end.
    ['a pipe', (path: string) => promisify(execFile)('mkfifo', [path]), /must be a regular file/],
    ['a link to nothing', (path: string) => symlink('nowhere', path), /must be a regular file, got a link/],
    ['a link to itself', (path: string) => symlink(path, path), /must be a regular file, got a link/],
  ])('are passed over when they cannot be read, with a warning: %s', async (_, make, reason) => {
    await collect(train(run({ steps: 8 })));
    const path = join(folder, 'step-00000008.safetensors');
    await rm(path);
    await make(path);
    const told: string[] = [];
    const found = await newestCheckpoint(fileCheckpoints(folder), (message) => told.push(message));
    expect(found?.name).toBe('step-00000004.safetensors');
    expect(told).toEqual([expect.stringContaining('step-00000008.safetensors cannot be read and was passed over')]);
    expect(told[0]).toMatch(reason);
  });

  it('are an error if none can be read', async () => {
    await collect(train(run({ steps: 8 })));
    const failing: FileSystem = { ...nodeFileSystem, open: () => Promise.reject(new Error('EIO: i/o error')) };
    const told: string[] = [];
    const finding = newestCheckpoint(fileCheckpoints(folder, { fs: failing }), (message) => told.push(message));
    await expect(finding).rejects.toThrow(CheckpointError);
    expect(told).toEqual([expect.stringMatching(/8\.safetensors.*EIO/), expect.stringMatching(/4\.safetensors.*EIO/)]);
  });

  it('are an error if all are damaged: beginning anew would overwrite them', async () => {
    await collect(train(run({ steps: 4 })));
    await writeFile(join(folder, 'step-00000004.safetensors'), 'nothing');
    await expect(collect(train(run()))).rejects.toThrow(
      /at least one checkpoint must be whole, got 1 that are damaged or cannot be read/,
    );
  });

  /** A whole file with a right SHA-256 whose state is not what the trainer writes. */
  const sealed = async (change: (contents: CheckpointContents) => CheckpointContents) => {
    const [name] = await fileCheckpoints(folder).list();
    const path = join(folder, name!);
    await writeFile(path, await encodeCheckpoint(change(await decodeCheckpoint(await readFile(path)))));
    return name!;
  };
  const without = (prefix: string) => (contents: CheckpointContents) => ({
    ...contents,
    tensors: new Map([...contents.tensors].filter(([name]) => !name.startsWith(prefix))),
  });
  const withProgress = (change: object) => (contents: CheckpointContents) => ({
    ...contents,
    progress: { ...contents.progress, ...change },
  });
  const withState = (change: object) => (contents: CheckpointContents) => ({ ...contents, ...change });

  it.each<[string, (contents: CheckpointContents) => CheckpointContents, RegExp]>([
    ['no progress', withState({ progress: undefined }), /progress must be an object, got nothing/],
    ['a step of 10⁹', withProgress({ step: 1e9 }), /progress\.step must be at most 12, got 1000000000/],
    ['a step of 6.5', withProgress({ step: 6.5 }), /progress\.step must be an integer of at least 0, got 6\.5/],
    ['a negative batch', withProgress({ batch: -1 }), /progress\.batch must be an integer/],
    ['an epoch of text', withProgress({ epoch: '1' }), /progress\.epoch must be an integer.*got "1"/],
    ['a best of text', withProgress({ best: 'x' }), /progress\.best must be an object/],
    [
      'a best without its error',
      withProgress({ best: { step: 1, loss: 1 } }),
      /progress\.best\.error must be a number/,
    ],
    ['a validation of nothing', withProgress({ validation: {} }), /progress\.validation\.error must be a number/],
    ['a mark of text', withProgress({ evaluationPending: 'no' }), /evaluationPending must be true or false/],
    ['no slots', without('optimizer/'), /optimizer\/momentum\/.* must be there/],
    ['a slot too few', without('optimizer/momentum/conv'), /optimizer\/momentum\/.* must be there/],
    ['no window', without('window/'), /window\/loss must be F64/],
    ['an optimizer of text', withState({ optimizer: 'x' }), /optimizer must be an object/],
    [
      'an optimizer with numbers of text',
      withState({ optimizer: { updates: 'x' } }),
      /optimizer\.updates must be a number/,
    ],
    ['no schedule', withState({ schedule: undefined }), /schedule must be there/],
    [
      'junk for a schedule',
      withState({ schedule: { rate: 'x', heard: { steps: 0 } } }),
      /schedule\.rate must be a number, got "x"/,
    ],
    [
      'a schedule with a part missing',
      withState({ schedule: { rate: 1, heard: {} } }),
      /schedule\.heard\.steps must be there/,
    ],
    ['a schedule of a list', withState({ schedule: [1] }), /schedule must be an object, got \[1\]/],
    ['states of a list', withState({ states: [] }), /states must be an object/],
    ['a recipe of a number', withState({ recipe: 5 }), /recipe must be a text or null/],
  ])('that are sealed and malformed are passed over for the one before: %s', async (_, change, reason) => {
    const schedule = (): Schedule => {
      let state: Json = { rate: 0.1, heard: { steps: 0 } };
      const restore = (found: Json) => {
        state = found;
      };
      return { rate: () => 0.1, state: () => state, restore };
    };
    await collect(train(run({ steps: 8, schedule: schedule() })));
    const name = await sealed(change);
    const events = await collect(train(run({ schedule: schedule() })));
    expect(events[0]).toMatchObject({ type: 'warning', message: expect.stringContaining(name) });
    expect(events[0]).toMatchObject({ message: expect.stringMatching(reason) });
    expect(events[1]).toMatchObject({ type: 'start', step: 4, resumedFrom: 'step-00000004.safetensors' });
  });

  it('of another recipe or model are refused', async () => {
    const store = fileCheckpoints(folder);
    await collect(train(run({ steps: 2, checkpoints: { store, recipe: 'abc' } })));
    const other = collect(train(run({ checkpoints: { store, recipe: 'def' } })));
    await expect(other).rejects.toThrow(
      new CheckpointError(
        'train: the checkpoint must be of recipe def, got abc. Use another folder, or the recipe it was made with.',
      ),
    );
    const model = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [4, 4, 3] }), tf.layers.dense({ units: 3 })],
    });
    const before = fingerprint(model);
    await expect(collect(train({ ...run({ checkpoints: { store } }), model }))).rejects.toThrow(CheckpointError);
    expect(fingerprint(model)).toBe(before);
  });

  it('are left alone when not asked to resume', async () => {
    await collect(train(run({ steps: 4 })));
    const [start] = await collect(
      train(run({ steps: 4, checkpoints: { store: fileCheckpoints(folder), resume: false } })),
    );
    expect(start).toMatchObject({ type: 'start', step: 0 });
  });

  it('of a finished run are tested again, not trained', async () => {
    const first = await collect(train(run({ test: heldOut() })));
    const again = await collect(train(run({ test: heldOut() })));
    expect(again.map(({ type }) => type)).toEqual(['start', 'evaluation', 'end']);
    expect(again[1]).toMatchObject({ ...first.find(({ type }) => type === 'evaluation'), seconds: expect.any(Number) });
  });

  it('that cannot be written are a warning on the way and an error at the end', async () => {
    const full: FileSystem = {
      ...nodeFileSystem,
      open: () => Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })),
    };
    const events: TrainEvent[] = [];
    const checkpoints = { store: fileCheckpoints(folder, { fs: full }), every: 4 };
    const running = collect(train(run({ checkpoints })), (event) => events.push(event));
    await expect(running).rejects.toThrow(CheckpointError);
    await expect(running).rejects.toThrow(
      /checkpoint of step 12 must be written, got .*ENOSPC.*Make room.*resume the run/,
    );
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      {
        step: 4,
        message: `checkpoint not written: fileCheckpoints: ${join(folder, 'step-00000004.safetensors')} must be writable, got ENOSPC: no space left on device. Make room on its disk, or choose another. Training goes on.`,
      },
      { step: 8 },
    ]);
    expect(events.filter(({ type }) => type === 'step').length).toBe(12);
  });

  it('that cannot be removed are told of once, and the run goes on to its end', async () => {
    await mkdir(join(folder, 'step-00000001.safetensors'));
    const events = await collect(
      train(run({ steps: 14, checkpoints: { store: fileCheckpoints(folder), every: 4, resume: false } })),
    );
    expect(written(events)).toEqual([4, 8, 12, 14]);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        step: 8,
        message: expect.stringMatching(/step-00000001\.safetensors must be removable, got E/),
      },
    ]);
    expect(await steps()).toEqual([1, 12, 14]);
  });

  it('are discarded where they are later than the newest, which another continuation of the run left behind', async () => {
    const store = fileCheckpoints(folder, { keep: 3 });
    for (const step of [100, 200, 300, 150]) await store.write({ step, bytes: new Uint8Array(1), bestStep: null });
    expect(await steps()).toEqual([100, 150]);
  });

  it('take with them what a killed write left behind', async () => {
    await writeFile(temporaryName(join(folder, 'step-00000007.safetensors')), 'half');
    await fileCheckpoints(folder).write({ step: 9, bytes: new Uint8Array(1), bestStep: null });
    expect(await readdir(folder)).toEqual(['step-00000009.safetensors']);
  });

  it('cannot all be thrown away', () => {
    expect(() => fileCheckpoints('/run', { keep: 0 })).toThrow(/keep must be an integer of at least 1, got 0/);
  });

  it('are called what they are read by', async () => {
    const store = fileCheckpoints(folder);
    const name = await store.write({ step: 3, bytes: Uint8Array.of(1, 2), bestStep: null });
    expect([name, await store.list()]).toEqual(['step-00000003.safetensors', ['step-00000003.safetensors']]);
    expect([...(await store.read(name))]).toEqual([1, 2]);
  });

  it('are written where the folder cannot be listed afterwards', async () => {
    const blind: FileSystem = { ...nodeFileSystem, readdir: () => Promise.reject(new Error('EIO: i/o error')) };
    const told: string[] = [];
    const bytes = new Uint8Array(1);
    await fileCheckpoints(folder, { fs: blind }).write({ step: 3, bytes, bestStep: null }, (message) =>
      told.push(message),
    );
    expect(told).toEqual([expect.stringMatching(/must be a folder that can be read, got EIO/)]);
    expect(await steps()).toEqual([3]);
  });

  it('never hold weights that are not finite', async () => {
    const schedule = (step: number) => (step < 6 ? 0.1 : 1e30);
    const events = await collect(train(run({ schedule, steps: 12 })));
    expect(written(events)).toEqual([4]);
    expect(events.filter(({ type }) => type === 'warning').length).toBe(2);
    expect((await newestCheckpoint(fileCheckpoints(folder), unexpected))!.contents.progress.step).toBe(4);
  });
});
