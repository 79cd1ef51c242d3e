import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainEvent } from '@resnet/trainer';
import { LogWriteError, logEvents, logMetrics, parseEvent, parseMetrics } from '@resnet/trainer/node';
import { concat, from, lastValueFrom, NEVER, of, throwError, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpoint, end, start, step, stretch, validation } from './events';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const play = (events: TrainEvent[], ...operators: ReturnType<typeof logEvents>[]) =>
  lastValueFrom(operators.reduce((stream, operator) => stream.pipe(operator), from(events)).pipe(toArray()));

const metrics = () => join(folder, 'metrics.csv');
const events = () => join(folder, 'events.jsonl');
const eventLines = () => readFileSync(events(), 'utf8').split('\n').slice(0, -1).map(parseEvent);

describe('logMetrics', () => {
  const header = 'split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error,time\n';
  const untimed = () => readFileSync(metrics(), 'utf8').replaceAll(/,[^,\n]*$/gm, '');

  /** A clock that goes on by 250 ms whenever it is asked. */
  const clock = () => {
    let time = 0;
    return () => {
      time += 250;
      return time;
    };
  };

  it('writes rows as they come, numbers to the last bit, and seconds since the run began', async () => {
    await play([start(), step(3), validation(3), end(3)], logMetrics(metrics(), clock()));
    expect(readFileSync(metrics(), 'utf8')).toBe(
      `${header}train,3,0,0.3333333333333333,0.5,0.3333333333333333,0.25,0.1,,0.25\n` +
        'validation,3,0,0.6666666666666666,0.14285714285714285,,,,0,0.5\n',
    );
  });

  it('counts the time of a resumed run on from the last row that it kept', async () => {
    await play([start(), step(1), step(2), step(3)], logMetrics(metrics(), clock()));
    await play([start(2), step(3), step(4)], logMetrics(metrics(), clock()));
    expect(parseMetrics(readFileSync(metrics(), 'utf8')).map(({ time }) => time)).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('goes on with a file of a former release as it is, and reads it', async () => {
    const row = (n: number) => `train,${n},0,0.5,0.5,0.5,0.5,0.1,\n`;
    writeFileSync(metrics(), `split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error\n${row(1)}${row(2)}`);
    await play([start(1), step(2)], logMetrics(metrics()));
    const rows = parseMetrics(readFileSync(metrics(), 'utf8'));
    expect(rows.map(({ step, time }) => [step, time])).toEqual([
      [1, null],
      [2, null],
    ]);
    expect(
      readFileSync(metrics(), 'utf8')
        .split('\n')
        .map((line) => line.split(',').length),
    ).toEqual([9, 9, 9, 1]);
  });

  it('is read back', async () => {
    await play([start(), step(3), validation(3)], logMetrics(metrics(), clock()));
    expect(parseMetrics(readFileSync(metrics(), 'utf8'))).toEqual([
      {
        split: 'train',
        step: 3,
        epoch: 0,
        loss: 1 / 3,
        error: 0.5,
        meanLoss: 1 / 3,
        meanError: 0.25,
        rate: 0.1,
        top5Error: null,
        time: 0.25,
      },
      {
        split: 'validation',
        step: 3,
        epoch: 0,
        loss: 2 / 3,
        error: 1 / 7,
        meanLoss: null,
        meanError: null,
        rate: null,
        top5Error: 0,
        time: 0.5,
      },
    ]);
  });

  it('passes every event on', async () => {
    const all = [start(), ...stretch(1, 10), end(10)];
    expect(await play(all, logMetrics(metrics()), logEvents(events()))).toEqual(all);
  });

  it.each([1, 4, 5, 7, 10])('equals an uninterrupted log after a resume at step %i of 12', async (at) => {
    await play([start(), ...stretch(1, 20), end(20)], logMetrics(metrics()));
    const whole = untimed();
    await play([start(), ...stretch(1, 12)], logMetrics(metrics()));
    await play([start(at), ...stretch(at + 1, 20), end(20)], logMetrics(metrics()));
    expect(untimed()).toEqual(whole);
  });

  it('drops the validation of the checkpoint’s step when it is to be made again', async () => {
    await play([start(), ...stretch(1, 10)], logMetrics(metrics()));
    const whole = untimed();
    await play([start(10, { evaluationPending: true }), validation(10)], logMetrics(metrics()));
    expect(untimed()).toEqual(whole);
  });

  it('holds one test where a run that had finished is resumed, which tests again', async () => {
    const finish = [validation(20, { split: 'test' }), end(20)];
    await play([start(), ...stretch(1, 20), ...finish], logMetrics(metrics()), logEvents(events()));
    const whole = untimed();
    await play([start(20), ...finish], logMetrics(metrics()), logEvents(events()));
    expect(untimed()).toEqual(whole);
    expect(eventLines().filter((event) => event?.type === 'evaluation' && event.split === 'test')).toHaveLength(1);
  });

  it('heals a file cut off at any byte', async () => {
    await play([start(), ...stretch(1, 6)], logMetrics(metrics()));
    const whole = readFileSync(metrics());
    for (let length = whole.length; length >= 0; length--) {
      writeFileSync(metrics(), whole.subarray(0, length));
      await play([start(6)], logMetrics(metrics()));
      const healed = readFileSync(metrics());
      expect(healed.subarray(0, -1).lastIndexOf('\n') === -1 || whole.includes(healed)).toBe(true);
      expect(healed.at(-1)).toBe(10);
      expect(healed.toString()).toContain(header);
    }
  });

  it('begins anew when the run does', async () => {
    await play([start(), ...stretch(1, 6)], logMetrics(metrics()));
    await play([start(), step(1)], logMetrics(metrics()));
    expect(parseMetrics(readFileSync(metrics(), 'utf8')).map((row) => row.step)).toEqual([1]);
  });

  it('goes back with a run that goes back within one stream', async () => {
    await play([start(), ...stretch(1, 9), start(3), ...stretch(4, 6)], logMetrics(metrics()));
    const twice = untimed();
    await play([start(), ...stretch(1, 6)], logMetrics(metrics()));
    expect(twice).toEqual(untimed());
  });
});

describe('a damaged line', () => {
  const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n');
  const still = { seconds: 1, secondsForData: 0 };

  /** Both logs of steps 1…9 with line `n`, from 0, damaged, and what they are after a resume that makes 8 and 9 again. */
  async function resumed(n: number, damage: (line: string) => string) {
    const logs = () => [logMetrics(metrics(), () => 0), logEvents(events(), () => new Date(0))];
    await play([start(), ...stretch(1, 5), step(6, still), step(7, still), step(8, still), step(9, still)], ...logs());
    const damaged = [metrics(), events()].map((file) => {
      const lines = linesOf(file).map((line, i) => (i === n ? damage(line) : line));
      writeFileSync(file, lines.join('\n'));
      return lines;
    });
    await play([start(7), step(8, still), step(9, still)], ...logs());
    const isResume = (line: string) => line.startsWith('{"type":"start","step":7');
    return { damaged, after: [metrics(), events()].map((file) => linesOf(file).filter((line) => !isResume(line))) };
  }

  it.each([
    ['the first', 0],
    ['one in the middle', 3],
    ['the last before the checkpoint', 8],
  ])('stays as it is, and all behind it: %s', async (_, n) => {
    const { damaged, after } = await resumed(n, (line) => `${line.slice(0, 4)}\u0000${line.slice(5)}`);
    expect(after).toEqual(damaged);
  });

  it('that reads as of a later step takes nothing with it', async () => {
    const { damaged, after } = await resumed(3, (line) => line.replace('3', '93'));
    expect(after).toEqual(damaged);
  });

  it('past the checkpoint goes with what is past it', async () => {
    const { damaged, after } = await resumed(10, () => 'nothing');
    expect(after.map((lines) => lines.length)).toEqual(damaged.map((lines) => lines.length));
    expect(after.flat()).not.toContain('nothing');
  });
});

describe('logEvents', () => {
  it('writes each event before it passes it on', () => {
    const written: number[] = [];
    from([start(), step(1), step(2)])
      .pipe(logEvents(events()))
      .subscribe(() => written.push(eventLines().length));
    expect(written).toEqual([1, 2, 3]);
  });

  it('tells the time and writes NaN as null', async () => {
    await play(
      [start(), step(1, { loss: Number.NaN })],
      logEvents(events(), () => new Date(0)),
    );
    expect(eventLines()[1]).toMatchObject({ type: 'step', step: 1, loss: null, time: '1970-01-01T00:00:00.000Z' });
  });

  it('equals an uninterrupted log after a resume, times and interruptions apart', async () => {
    const told = () =>
      eventLines().flatMap((e) => (e?.type === 'step' || e?.type === 'evaluation' ? `${e.type} ${e.step}` : []));
    await play([start(), ...stretch(1, 20), end(20)], logEvents(events()));
    const whole = told();
    await play([start(), ...stretch(1, 7), checkpoint(7), ...stretch(8, 12)], logEvents(events()));
    await play([start(7), ...stretch(8, 20), end(20)], logEvents(events()));
    expect(told()).toEqual(whole);
  });

  it('heals a torn last line', async () => {
    await play([start(), step(1), step(2)], logEvents(events()));
    truncateSync(events(), readFileSync(events()).length - 5);
    await play([start(2), step(3)], logEvents(events()));
    expect(eventLines().map((event) => `${event?.type} ${event?.step}`)).toEqual([
      'start 0',
      'step 1',
      'start 2',
      'step 3',
    ]);
  });

  it('keeps what was said before the start', async () => {
    await play([start(), ...stretch(1, 4)], logEvents(events()));
    await play([{ type: 'warning', step: 0, message: 'damaged' }, start(2), step(3)], logEvents(events()));
    const kinds = eventLines().map((event) => `${event?.type} ${event?.step}`);
    expect(kinds).toEqual(['start 0', 'step 1', 'step 2', 'warning 0', 'start 2', 'step 3']);
  });

  it('writes why a stream failed, before or after its start', async () => {
    const failing = (before: TrainEvent[]) =>
      lastValueFrom(
        concat(
          from(before),
          throwError(() => new RangeError('no')),
        ).pipe(logEvents(events())),
      );
    await expect(failing([start(), step(1)])).rejects.toThrow('no');
    await expect(failing([])).rejects.toThrow('no');
    expect(eventLines().slice(2)).toMatchObject([
      { type: 'failure', step: 1, name: 'RangeError', message: 'no' },
      { type: 'failure', step: 0, name: 'RangeError', message: 'no' },
    ]);
  });

  it('closes the file when unsubscribed, so that another stream may write', async () => {
    concat(of(start(), step(1)), NEVER)
      .pipe(logEvents(events()))
      .subscribe()
      .unsubscribe();
    await play([start(1), step(2)], logEvents(events()));
    expect(eventLines()).toHaveLength(4);
  });

  it('fails the stream with the path and the cause when it cannot write', async () => {
    const gone = join(folder, 'gone', 'events.jsonl');
    const failure = await play([start(), step(1)], logEvents(gone)).catch((error) => error);
    expect(failure).toBeInstanceOf(LogWriteError);
    expect(failure.message).toMatch(/ENOENT.*gone.events.jsonl/);
  });

  it('fails the stream on a full disk', async () => {
    const failure = await play([start(), step(1)], logEvents('/dev/full')).catch((error) => error);
    expect(failure).toBeInstanceOf(LogWriteError);
  });
});
