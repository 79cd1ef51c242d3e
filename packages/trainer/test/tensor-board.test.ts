import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainEvent } from '@resnet/trainer';
import { logTensorBoard, type TensorBoardOptions, tensorBoardFile } from '@resnet/trainer/node';
import { from, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c } from '../src/operators/tensorboard/crc32c';
import { scalarsEvent } from '../src/operators/tensorboard/event';
import { encodeRecord } from '../src/operators/tensorboard/record';
import { start, step, stretch, validation } from './events';
import { type ReadEvent, readEventFile } from './read-event-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tensorboard-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function play(events: TrainEvent[], options: TensorBoardOptions = {}): Promise<ReadEvent[]> {
  await lastValueFrom(from(events).pipe(logTensorBoard(folder, { now: () => 1_500_000_000_250, ...options })));
  return readEventFile(readFileSync(join(folder, tensorBoardFile)));
}

const ascii = (text: string) => Buffer.from(text).toString('hex');

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the check value of the catalog of CRCs.
  it.each([
    ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 incrementing bytes', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['32 decrementing bytes', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
  ])('of %s', (_, bytes, expected) => expect(crc32c(bytes)).toBe(expected));
});

describe('logTensorBoard', () => {
  // Records of TensorFlow's and of another library's own tests.
  it('begins with the bytes every event file begins with', async () => {
    await play([start()], { now: () => 256_500 });
    expect(readFileSync(join(folder, tensorBoardFile)).toString('hex')).toBe(
      `1800000000000000a37f4b22${'090000000000087040'}${'1a0d'}${ascii('brain.Event:2')}bc98212b`,
    );
  });

  it('frames a scalar as others do', () => {
    expect(Buffer.from(encodeRecord(scalarsEvent(256.5, 1, { 'v/1': 1.5 }))).toString('hex')).toBe(
      `19000000000000008bf10828${'090000000000087040'}${'1001'}${'2a0c0a0a0a03'}${ascii('v/1')}${'150000c03f'}2cecc087`,
    );
  });

  it('writes the scalars of steps and evaluations', async () => {
    const read = await play([
      start(),
      step(300, { loss: 0.5, error: 0.25, rate: 0.125, images: 8, seconds: 2 }),
      validation(300, { loss: 1.5, error: 0.75, top5Error: 0.5 }),
    ]);
    expect(read).toEqual([
      { wallTime: 1_500_000_000.25, step: 0, version: 'brain.Event:2', scalars: {}, images: {} },
      {
        wallTime: 1_500_000_000.25,
        step: 300,
        scalars: { 'loss/train': 0.5, 'error/train': 0.25, rate: 0.125, 'images per second': 4 },
        images: {},
      },
      {
        wallTime: 1_500_000_000.25,
        step: 300,
        scalars: { 'loss/validation': 1.5, 'error/validation': 0.75, 'top-5 error/validation': 0.5 },
        images: {},
      },
    ]);
  });

  it('writes pictures', async () => {
    const png = Uint8Array.from({ length: 300 }, (_, i) => i);
    const images = (event: TrainEvent) =>
      event.type === 'evaluation' ? { first: { png, height: 200, width: 3, channels: 3 } } : null;
    const read = await play([start(), step(1), validation(1)], { images });
    expect(read.at(-1)).toMatchObject({ step: 1, images: { first: { png, height: 200, width: 3, colorspace: 3 } } });
    expect(read).toHaveLength(4);
  });

  it('writes steps beyond 2³¹ whole', async () => {
    expect((await play([start(), step(2 ** 40 + 5)])).at(-1)).toMatchObject({ step: 2 ** 40 + 5 });
  });

  it.each([3, 5, 8])('equals an uninterrupted file after a resume at step %i', async (at) => {
    const numbers = (read: ReadEvent[]) =>
      read.map(({ step, scalars }) => ({ step, ...scalars, 'images per second': 0 }));
    const whole = numbers(await play([start(), ...stretch(1, 12)]));
    await play([start(), ...stretch(1, 9)]);
    expect(numbers(await play([start(at), ...stretch(at + 1, 12)]))).toEqual(whole);
  });

  // A step is a varint behind the wall time; this one's bytes all say that another follows, or there are none.
  it.each([0, 3, 1000])('comes to an end where a step of %i bytes has none', async (length) => {
    await play([start(), ...stretch(1, 4)]);
    const file = join(folder, tensorBoardFile);
    const record = encodeRecord(Uint8Array.from([9, 0, 0, 0, 0, 0, 0, 0, 0, 16, ...Array(length).fill(0xff)]));
    const bytes = Buffer.concat([readFileSync(file), record]);
    writeFileSync(file, bytes);
    await lastValueFrom(from([start(4)]).pipe(logTensorBoard(folder)));
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('keeps what is behind a damaged record when a run goes on', async () => {
    await play([start(), ...stretch(1, 4)]);
    const file = join(folder, tensorBoardFile);
    const bytes = readFileSync(file);
    const scalars = bytes.indexOf('loss/train');
    bytes[scalars] = 0;
    writeFileSync(file, bytes);
    await lastValueFrom(from([start(4)]).pipe(logTensorBoard(folder)));
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('holds one test where a run that had finished is resumed', async () => {
    const finish = validation(5, { split: 'test' });
    await play([start(), ...stretch(1, 5), finish]);
    const read = await play([start(5), finish]);
    expect(read.filter((event) => 'loss/test' in event.scalars)).toHaveLength(1);
  });

  it('drops a validation that is made again, its pictures too', async () => {
    const images = (event: TrainEvent) =>
      event.type === 'evaluation' ? { seen: { png: new Uint8Array(4), height: 1, width: 1, channels: 1 } } : null;
    await play([start(), ...stretch(1, 5)], { images });
    const read = await play([start(5, { evaluationPending: true })], { images });
    expect(read.map((event) => event.step)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
