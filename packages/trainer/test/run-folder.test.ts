import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  promises,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockedError, temporaryName } from '@resnet/files';
import type { TrainEvent } from '@resnet/trainer';
import {
  createRun,
  fileCheckpoints,
  isBegun,
  listRuns,
  logEvents,
  logMetrics,
  logTensorBoard,
  openRun,
  type Run,
  RunFolderError,
  readRun,
  tensorBoardFile,
} from '@resnet/trainer/node';
import { concat, from, lastValueFrom, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { end, start, step, stretch } from './events';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'runs-'));
  folder = join(parent, 'a');
});
afterEach(() => rmSync(parent, { recursive: true }));

/** A temporary name of a process that has ended: pids end at 2²². */
const abandonedName = (path: string): string =>
  temporaryName(path).replace(/\.\d+-(?=[0-9a-f]{8}-)/, `.${2 ** 22 + 1}-`);

const log = (run: Run, events: TrainEvent[], error?: Error) =>
  lastValueFrom(concat(from(events), error ? throwError(() => error) : []).pipe(logEvents(run.paths.events)), {
    defaultValue: null,
  }).catch(() => null);

const openedRecipe = (directory: string): unknown => JSON.parse(readFileSync(join(directory, 'recipe.json'), 'utf8'));

const stored = (at: number): TrainEvent => ({
  type: 'checkpoint',
  step: at,
  name: `step-${String(at).padStart(9, '0')}.safetensors`,
  bytes: 1,
  best: false,
  seconds: 0,
});

describe('createRun', () => {
  it('makes the folder, the recipe and the lock', async () => {
    const run = await createRun(folder, { model: 'resnet20', seed: 0 });
    expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'lock.1', 'recipe.json']);
    expect(JSON.parse(readFileSync(run.paths.recipe, 'utf8'))).toEqual({ model: 'resnet20', seed: 0 });
    expect(() => openRun(folder)).toThrow(LockedError);
    run.release();
    expect(readdirSync(parent)).toEqual(['a']);
  });

  it('flushes its own name, after everything in it, before it is used', async () => {
    const calls: string[] = [];
    const { open, rename } = promises;
    vi.spyOn(promises, 'open').mockImplementation(async (path, flags) => {
      const file = await open(path, flags);
      vi.spyOn(file, 'sync').mockImplementation(async () => void calls.push(`fsync ${path}`));
      return file;
    });
    vi.spyOn(promises, 'rename').mockImplementation((from, to) => {
      calls.push(`rename to ${to}`);
      return rename(from, to);
    });
    syncBuiltinESMExports();
    (await createRun(folder, {})).release();
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    expect(calls.slice(-2)).toEqual([`rename to ${folder}`, `fsync ${parent}`]);
    // The recipe, its name, and that of the folder that it lies in.
    expect(calls).toHaveLength(5);
  });

  it('makes the folders above', async () => {
    (await createRun(join(folder, 'b', 'c'), {})).release();
    expect(existsSync(join(folder, 'b', 'c', 'recipe.json'))).toBe(true);
  });

  it('takes an empty folder and refuses one with something in it', async () => {
    mkdirSync(folder);
    (await createRun(folder, {})).release();
    expect(readdirSync(parent)).toEqual(['a']);
    const other = join(parent, 'b');
    mkdirSync(other);
    writeFileSync(join(other, 'notes.txt'), 'mine');
    await expect(createRun(other, {})).rejects.toThrow(RunFolderError);
    expect(readdirSync(other)).toEqual(['notes.txt']);
  });

  it('begins a run without a stored step anew, with another recipe', async () => {
    const first = await createRun(folder, { batchSize: 4096 });
    await log(first, [start()], new Error('out of memory'));
    first.release();
    expect(isBegun(folder)).toBe(false);
    const second = await createRun(folder, { batchSize: 128 });
    expect([second.recipe, openedRecipe(folder)]).toEqual([{ batchSize: 128 }, { batchSize: 128 }]);
    await log(second, [start(), step(1)]);
    expect(readFileSync(second.paths.events, 'utf8')).not.toContain('out of memory');
    second.release();
  });

  it.each<[string, (run: Run) => Promise<unknown> | undefined]>([
    ['a stored step', async (run) => writeFileSync(join(run.paths.checkpoints, 'step-000000001.safetensors'), 'x')],
    ['a result', (run) => run.writeResult({ error: 0 })],
    ['a log of a step that was stored', (run) => log(run, [start(), step(1), stored(1)])],
  ])('refuses a run with %s', async (_, begin) => {
    const run = await createRun(folder, { n: 1 });
    await begin(run);
    run.release();
    expect(isBegun(folder)).toBe(true);
    await expect(createRun(folder, { n: 2 })).rejects.toThrow(/createRun: .*of a run without a stored step/);
    expect(openedRecipe(folder)).toEqual({ n: 1 });
  });

  it('refuses a run that another process writes', async () => {
    const run = await createRun(folder, { n: 1 });
    await expect(createRun(folder, { n: 2 })).rejects.toThrow(LockedError);
    run.release();
  });

  it('leaves nothing where the recipe cannot be written', async () => {
    const recipe = {
      toJSON: () => {
        throw new Error('no room');
      },
    };
    await expect(createRun(folder, recipe)).rejects.toThrow(/createRun: .*no room/);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('names a folder that cannot be made', async () => {
    writeFileSync(folder, '');
    await expect(createRun(join(folder, 'b'), {})).rejects.toThrow(RunFolderError);
  });

  it('lets one of two win', async () => {
    const both = await Promise.allSettled([createRun(folder, { n: 1 }), createRun(folder, { n: 2 })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const one of both) if (one.status === 'fulfilled') one.value.release();
    expect(readdirSync(parent)).toEqual(['a']);
  });

  it('removes what a crashed process began', async () => {
    const abandoned = abandonedName(folder);
    mkdirSync(abandoned);
    expect(listRuns(parent)).toEqual([]);
    (await createRun(folder, {})).release();
    expect(readdirSync(parent)).toEqual(['a']);
  });
});

describe('openRun', () => {
  it('refuses what is no run', () => {
    expect(() => openRun(folder)).toThrow(RunFolderError);
    mkdirSync(folder);
    writeFileSync(join(folder, 'recipe.json'), '{"torn');
    expect(() => openRun(folder)).toThrow(/readable recipe\.json/);
    expect(readdirSync(folder)).toEqual(['recipe.json']);
  });

  it('gives the recipe and removes half-written files, nothing else', async () => {
    (await createRun(folder, { seed: 1 })).release();
    const stay = ['checkpoints/step-1.safetensors', 'notes.txt', 'notes.tmp'];
    for (const name of [...stay, abandonedName('result.json'), abandonedName('checkpoints/step-2.safetensors')]) {
      writeFileSync(join(folder, name), 'x');
    }
    mkdirSync(join(folder, 'x.tmp'));
    const mine = temporaryName('export.onnx');
    writeFileSync(join(folder, mine), 'x');
    const run = openRun(folder);
    expect(run.recipe).toEqual({ seed: 1 });
    const own = ['checkpoints', 'lock.1', 'recipe.json'];
    expect(readdirSync(folder).sort()).toEqual([...own, 'notes.tmp', 'notes.txt', 'x.tmp', mine].sort());
    expect(readdirSync(run.paths.checkpoints)).toEqual(['step-1.safetensors']);
    run.release();
  });
});

/** Files of a run folder that going on with it reads, cuts, appends to or replaces. */
const parts = ['recipe.json', 'events.jsonl', 'metrics.csv', tensorBoardFile, 'result.json'];

describe('a run folder of a stranger', () => {
  it.each(parts.flatMap((part) => ['a link', 'a file with 2 names', 'a pipe'].map((what) => [part, what] as const)))(
    'with %s as %s is refused, and the victim left alone',
    async (part, what) => {
      const { paths, release } = await createRun(folder, { seed: 1 });
      release();
      const victim = join(parent, 'victim');
      writeFileSync(victim, '{"seed": 1}');
      const path = join(folder, part);
      rmSync(path, { force: true });
      if (what === 'a link') symlinkSync(victim, path);
      else if (what === 'a pipe') execFileSync('mkfifo', [path]);
      else linkSync(victim, path);
      expect(() => openRun(folder)).toThrow(new RegExp(`${part} must be a regular file, got ${what}`));
      for (const log of [logEvents(paths.events), logMetrics(paths.metrics), logTensorBoard(folder)]) {
        await lastValueFrom(from([start(), step(1)]).pipe(log)).catch(() => null);
      }
      expect(readRun(folder)).toMatchObject({ name: 'a', status: expect.stringMatching(/failed|interrupted/) });
      expect(readFileSync(victim, 'utf8')).toBe('{"seed": 1}');
    },
  );

  it('with a link to a folder as its checkpoints is refused, and nothing removed there', async () => {
    const { paths, release } = await createRun(folder, {});
    release();
    const victim = join(parent, 'victim');
    mkdirSync(victim);
    const theirs = ['step-00000001.safetensors', 'step-00000002.safetensors', abandonedName('step-3')];
    for (const name of theirs) writeFileSync(join(victim, name), 'theirs');
    rmSync(paths.checkpoints, { recursive: true });
    symlinkSync(victim, paths.checkpoints);
    expect(() => openRun(folder)).toThrow(/checkpoints must be a folder and no link, got a link/);
    const store = fileCheckpoints(paths.checkpoints, { keep: 1 });
    await expect(store.list()).rejects.toThrow(/got a link/);
    await expect(store.read(theirs[0]!)).rejects.toThrow(/got a link/);
    await expect(store.write({ step: 9, bytes: new Uint8Array(1), bestStep: null })).rejects.toThrow(/got a link/);
    expect(readdirSync(victim).sort()).toEqual(theirs.sort());
  });

  it.each(['a link', 'a pipe'])('with %s for a lock is refused', async (what) => {
    (await createRun(folder, {})).release();
    const path = join(folder, 'lock.1');
    if (what === 'a link') symlinkSync('/dev/zero', path);
    else execFileSync('mkfifo', [path]);
    expect(() => openRun(folder)).toThrow(new RegExp(`lock.1 must be a file that can be read, got ${what}`));
    expect(readRun(folder)).toMatchObject({ status: 'failed', error: expect.stringContaining(what) });
  });
});

describe("a stranger's log", () => {
  const hostile = '{"toString":5,"length":-1}';
  it.each([
    `{"type":"start","step":1,"steps":${hostile}}`,
    `{"type":"step","step":1,"meanError":${hostile}}`,
    `{"type":"evaluation","split":"validation","step":1,"error":[${hostile}]}`,
    `{"type":"failure","step":1,"message":${hostile}}`,
    `{"type":"checkpoint","step":1,"name":5}`,
    `{"type":"start","step":1,"resumedFrom":${hostile}}`,
    `{"type":"failure","step":1e300,"message":"x"}`,
    `{"type":"failure","step":1,"message":"x","more":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  ])('line of another kind is passed over: %.60s', async (line) => {
    (await createRun(folder, {})).release();
    writeFileSync(join(folder, 'events.jsonl'), `${line}\n`);
    expect(readRun(folder)).toMatchObject({ status: 'interrupted', error: null, step: 0, steps: null });
    openRun(folder).release();
  });

  it('is read in time that grows with its length alone', async () => {
    (await createRun(folder, {})).release();
    const before = '{"type":"step","step":7}\n';
    writeFileSync(join(folder, 'events.jsonl'), `${before}${'{"type":"step"'.repeat(400_000)}`);
    const begin = performance.now();
    expect(readRun(folder)).toMatchObject({ status: 'interrupted', step: 7 });
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

it('a run last written at a time that no Date has is listed', async () => {
  // File systems on disks mostly keep nearer times; one in memory keeps any.
  const far = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'runs-'));
  try {
    (await createRun(join(far, 'a'), {})).release();
    utimesSync(join(far, 'a', 'recipe.json'), 1e14, 1e14);
    expect(listRuns(far).map(({ updated }) => updated.toISOString())).toHaveLength(1);
  } finally {
    rmSync(far, { recursive: true });
  }
});

describe('openRun on a run whose checkpoints are gone', () => {
  const begun = async (more: TrainEvent[], directory = folder) => {
    const run = await createRun(directory, {});
    await log(run, [start(), ...stretch(1, 7), ...more]);
    run.release();
    return run;
  };
  const stored = (name: string): TrainEvent => ({
    type: 'checkpoint',
    step: 7,
    name,
    bytes: 1,
    best: false,
    seconds: 1,
  });
  const gone =
    /checkpoints must hold what .* speaks of, got no checkpoint\. Put the checkpoints back, or choose another/;

  it.each([
    ['the log names one', [stored('/runs/a/checkpoints/step-00000007.safetensors')]],
    ['the log names one that was gone on from', [start(7, { resumedFrom: 'step-00000007.safetensors' }), step(8)]],
  ])('refuses where %s, and leaves the log', async (_, more) => {
    const { paths } = await begun(more);
    const before = readFileSync(paths.events);
    expect(() => openRun(folder)).toThrow(RunFolderError);
    expect(() => openRun(folder)).toThrow(gone);
    rmSync(paths.checkpoints, { recursive: true });
    expect(() => openRun(folder)).toThrow(gone);
    expect(readFileSync(paths.events)).toEqual(before);
    mkdirSync(paths.checkpoints);
    writeFileSync(join(paths.checkpoints, 'step-00000004.safetensors'), '');
    openRun(folder).release();
  });

  it('refuses where there is a result', async () => {
    const run = await begun([]);
    await run.writeResult({});
    expect(() => openRun(folder)).toThrow(gone);
  });

  it('goes on where there never were any, or another store keeps them', async () => {
    await begun([]);
    openRun(folder).release();
    await begun([stored('4')], join(parent, 'b'));
    openRun(join(parent, 'b')).release();
  });
});

describe('readRun', () => {
  it('tells a run that goes on from one that ended', async () => {
    const run = await createRun(folder, { seed: 1 });
    await log(run, [start(), ...stretch(1, 7)]);
    expect(readRun(folder)).toMatchObject({
      name: 'a',
      status: 'running',
      pid: process.pid,
      recipe: { seed: 1 },
      result: null,
      step: 7,
      steps: 100,
      error: null,
      lastStep: { step: 7 },
      lastValidation: { step: 5 },
    });
    run.release();
    expect(readRun(folder)).toMatchObject({ status: 'interrupted', pid: null, step: 7 });
    await openRun(folder).writeResult({ testError: 0.1 });
    expect(readRun(folder).result).toEqual({ testError: 0.1 });
  });

  it('tells a finished one', async () => {
    const run = await createRun(folder, {});
    await log(run, [start(), ...stretch(1, 100), end(100)]);
    await run.writeResult({});
    run.release();
    expect(readRun(folder)).toMatchObject({ status: 'finished', step: 100 });
  });

  it('tells why one failed, and forgets it when the run goes on', async () => {
    const run = await createRun(folder, {});
    await log(run, [start(), ...stretch(1, 3)], new Error('out of memory'));
    run.release();
    expect(readRun(folder)).toMatchObject({ status: 'failed', error: 'out of memory', step: 3 });
    await log(run, [start(2), step(3)]);
    expect(readRun(folder)).toMatchObject({ status: 'interrupted', error: null, step: 3 });
  });

  it('tells one that was killed, with a line torn in the middle', async () => {
    const script = `
      import { createRun } from '@resnet/trainer/node';
      import { appendFileSync } from 'node:fs';
      const run = await createRun(${JSON.stringify(folder)}, {});
      appendFileSync(run.paths.events, '{"type":"step","step":1}\\n{"type":"step","st');
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    await new Promise((resolve) => child.once('exit', resolve));
    expect(readRun(folder)).toMatchObject({ status: 'interrupted', step: 1 });
    const run = openRun(folder);
    await log(run, [start(1), step(2)]);
    expect(
      readFileSync(run.paths.events, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).step),
    ).toEqual([1, 1, 2]);
    run.release();
  });

  it.each([
    ['events.jsonl', 'events.jsonl must be a regular file, got a folder'],
    ['lock.2', 'lock.2 must be a file that can be read'],
  ])('says what is wrong where %s is a folder, and lists the others', async (name, reason) => {
    (await createRun(folder, { seed: 1 })).release();
    (await createRun(join(parent, 'b'), {})).release();
    mkdirSync(join(folder, name));
    const [bad, other] = listRuns(parent);
    expect(bad).toMatchObject({
      name: 'a',
      status: 'failed',
      error: expect.stringContaining(reason),
      recipe: { seed: 1 },
    });
    expect(other).toMatchObject({ name: 'b', status: 'interrupted', error: null });
  });

  it('lists runs by name, damaged ones too, and nothing else', async () => {
    (await createRun(join(parent, 'b'), {})).release();
    (await createRun(folder, {})).release();
    writeFileSync(join(parent, 'b', 'recipe.json'), '{');
    mkdirSync(join(parent, 'c'));
    writeFileSync(join(parent, 'd'), '');
    expect(listRuns(parent).map(({ name, status }) => `${name} ${status}`)).toEqual(['a interrupted', 'b failed']);
  });
});
