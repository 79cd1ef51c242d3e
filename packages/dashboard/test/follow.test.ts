import { appendFileSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Buckets } from '../src/follow/buckets';
import { followFolder } from '../src/follow/folder';
import { MetricsFollower } from '../src/follow/metrics';
import { seriesSince } from '../src/server/series';
import { emptyFolder, errorAt, header, lossAt, makeRun, rowsOf } from './made-runs';

/** A step whose loss is its number. */
function put(buckets: Buckets, step: number, loss = step): void {
  buckets.add(loss, 1 / step);
  buckets.place({ step, rate: 0.1, time: step / 10 });
}

describe('Buckets', () => {
  it('keep every step of a short run as it is', () => {
    const buckets = new Buckets();
    for (let step = 1; step <= 1024; step++) put(buckets, step);
    expect([buckets.size, buckets.columns.step.length]).toEqual([1, 1024]);
    expect(buckets.columns.loss.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it.each([1025, 5000, 64_000, 100_001])('hold means of %i steps in at most 1,024', (steps) => {
    const buckets = new Buckets();
    for (let step = 1; step <= steps; step++) put(buckets, step);
    const { size, columns } = buckets;
    expect(columns.step.length).toBeLessThanOrEqual(1024);
    expect(columns.step.length).toBe(Math.ceil(steps / size));
    columns.step.forEach((last, i) => {
      // The losses are the steps themselves: the mean of a bucket lies half-way between its first and its last.
      expect(columns.loss[i]).toBeCloseTo((i * size + 1 + last) / 2, 6);
      expect(columns.time[i]).toBe(last / 10);
    });
    expect(columns.step.at(-1)).toBe(steps);
  });

  it('show what is not finite as a gap', () => {
    const buckets = new Buckets();
    for (const loss of [1, Number.NaN, 3]) put(buckets, 1, loss);
    expect(buckets.columns.loss).toEqual([1, null, 3]);
  });
});

describe('MetricsFollower', () => {
  const fresh = () => join(emptyFolder(), 'metrics.csv');

  it('reads what is appended, whole rows only, to the last bit', async () => {
    const path = fresh();
    const follower = new MetricsFollower(path);
    expect(await follower.look()).toBe(false);
    writeFileSync(path, header + rowsOf(1, 10, { validateEvery: 5 }));
    appendFileSync(path, 'train,11,0,0.5');
    expect(await follower.look()).toBe(true);
    appendFileSync(path, `,0.25,0,0,0.1,,1.1\n`);
    await follower.look();
    const { train, validation } = follower.metrics;
    expect(train.columns.step).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(train.columns.loss).toEqual([...Array.from({ length: 10 }, (_, i) => lossAt(i + 1)), 0.5]);
    expect(validation).toMatchObject({ step: [5, 10], error: [errorAt(5), errorAt(10)], time: [0.5, 1] });
    expect(await follower.look()).toBe(false);
  });

  it('begins anew where a resume cut the file, also when it is longer again by then', async () => {
    const path = fresh();
    writeFileSync(path, header + rowsOf(1, 100));
    const follower = new MetricsFollower(path);
    await follower.look();
    writeFileSync(path, header + rowsOf(1, 40) + rowsOf(41, 150, { seed: 7 }));
    await follower.look();
    expect(follower.metrics.generation).toBe(1);
    expect(follower.metrics.train.columns.loss[99]).toBe(lossAt(100, 7));
    truncateSync(path, header.length);
    await follower.look();
    expect(follower.metrics.train.columns.step).toEqual([]);
  });

  it('reads files of former releases, without times, and passes over damaged rows', async () => {
    const path = fresh();
    const former = 'split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error\n';
    writeFileSync(path, `${former}train,1,0,2,0.5,2,0.5,0.1,\ntrain,x\ntrain,2,0,NaN,0.5,2,0.5,0.1,\n`);
    const follower = new MetricsFollower(path);
    await follower.look();
    expect(follower.metrics.train.columns).toEqual({
      step: [1, 2],
      loss: [2, null],
      error: [0.5, 0.5],
      rate: [0.1, 0.1],
      time: [null, null],
    });
  });

  it('follows no link', async () => {
    const path = fresh();
    const secret = fresh();
    writeFileSync(secret, header + rowsOf(1, 3));
    symlinkSync(secret, path);
    const follower = new MetricsFollower(path);
    await expect(follower.look()).rejects.toThrow('must be a regular file, got a link');
    expect(follower.metrics.train.columns.step).toEqual([]);
  });
});

describe('seriesSince', () => {
  it('sends a page only what it lacks, and everything after a change of buckets', () => {
    const train = new Buckets();
    const metrics = { generation: 0, train, validation: { step: [], loss: [], error: [], time: [] } };
    const sent = new Map();
    for (let step = 1; step <= 1024; step++) put(train, step);
    expect(seriesSince('a', metrics, sent)!.train).toMatchObject({
      from: 0,
      step: expect.objectContaining({ length: 1024 }),
    });
    expect(seriesSince('a', metrics, sent)).toBeNull();
    put(train, 1025);
    expect(seriesSince('a', metrics, sent)).toMatchObject({ size: 2, train: { from: 0 } });
    put(train, 1026);
    put(train, 1027);
    expect(seriesSince('a', metrics, sent)!.train).toMatchObject({ from: 512, step: [1026, 1027] });
  });
});

describe('followFolder', () => {
  it('sees runs come, change and go, and no linked folder', async () => {
    const root = emptyFolder();
    const elsewhere = makeRun(emptyFolder(), 'secret', { steps: 3 });
    const folder = followFolder(root);
    await folder.look();
    expect([...folder.runs.keys()]).toEqual([]);
    const first = makeRun(root, 'a', { steps: 5 });
    makeRun(root, 'b', { steps: 5, finished: true, recipe: { seed: 1 } });
    symlinkSync(elsewhere, join(root, 'c'));
    expect(await folder.look()).toBe(true);
    expect(
      [...folder.runs.values()].map(({ view }) => [view!.name, view!.status, view!.step, view!.seed, view!.testError]),
    ).toEqual([
      ['a', 'interrupted', 5, 0, null],
      ['b', 'finished', 5, 1, 0.08],
    ]);
    expect(new Set([...folder.runs.values()].map(({ view }) => view!.label)).size).toBe(1);
    renameSync(first, join(emptyFolder(), 'gone'));
    await folder.look();
    expect([...folder.runs.keys()]).toEqual(['b']);
  });

  it('keeps to the folder when a run is replaced by a link', async () => {
    const root = emptyFolder();
    const elsewhere = makeRun(emptyFolder(), 'secret', { steps: 3 });
    const folder = followFolder(root);
    makeRun(root, 'a', { steps: 5 });
    await folder.look();
    renameSync(join(root, 'a'), join(root, '..', `${Date.now()}`));
    symlinkSync(elsewhere, join(root, 'a'));
    await folder.look();
    expect([...folder.runs.keys()]).toEqual([]);
  });

  it('tells of a run whose recipe cannot be read', async () => {
    const root = emptyFolder();
    writeFileSync(join(makeRun(root, 'a', { steps: 1 }), 'recipe.json'), '{');
    const folder = followFolder(root);
    await folder.look();
    expect([...folder.runs.values()][0]!.view).toMatchObject({ name: 'a', steps: null, settings: [] });
    expect(readFileSync(join(root, 'a', 'recipe.json'), 'utf8')).toBe('{');
  });
});
