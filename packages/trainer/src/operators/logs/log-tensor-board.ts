import { join } from 'node:path';
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { TrainEvent } from '../../events';
import { imageEvent, scalarsEvent, type TensorBoardImage, versionEvent } from '../tensorboard/event';
import { decodeRecords, encodeRecord } from '../tensorboard/record';
import { stepOf } from '../tensorboard/step-of';
import { appendLog, type LogFormat } from './append-log';
import { keptLength, type Placed } from './kept-length';
import { MEASURED_SPLITS } from './split';
import type { LogEntry } from './survives';

/** What `logTensorBoard` may be told. */
export interface TensorBoardOptions {
  /** Pictures to show beside an event, by tag; asked at every event. */
  images?: (event: TrainEvent) => Readonly<Record<string, TensorBoardImage>> | null;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** The file a run's TensorBoard events are in. TensorBoard takes any name with `tfevents` in it. */
export const tensorBoardFile = 'events.out.tfevents.0.resnet';

/**
 * Writes an event file that TensorBoard reads (`tensorboard --logdir <directory>`): loss, error, rate and speed of every step,
 * loss and errors of every evaluation, and pictures. On resume the records past the checkpoint's step go.
 */
export const logTensorBoard = (
  directory: string,
  options: TensorBoardOptions = {},
): MonoTypeOperatorFunction<TrainEvent> => {
  const { images = () => null, now = Date.now } = options;
  const seconds = (): number => now() / 1000;
  return appendLog(join(directory, tensorBoardFile), {
    header: () => encodeRecord(versionEvent(seconds())),
    keep: keepRecords,
    encode(event) {
      const scalars = scalarsOf(event);
      const pictures = Object.entries(images(event) ?? {});
      return Buffer.concat([
        ...(scalars ? [encodeRecord(scalarsEvent(seconds(), event.step, scalars))] : []),
        ...pictures.map(([tag, image]) => encodeRecord(imageEvent(seconds(), event.step, tag, image))),
      ]);
    },
  });
};

function scalarsOf(event: TrainEvent): Record<string, number> | null {
  if (event.type === 'step') {
    const { loss, error, rate, images, seconds } = event;
    return { 'loss/train': loss, 'error/train': error, rate, 'images per second': images / seconds };
  }
  if (event.type === 'evaluation') {
    const { split, loss, error, top5Error } = event;
    return { [`loss/${split}`]: loss, [`error/${split}`]: error, [`top-5 error/${split}`]: top5Error };
  }
  return null;
}

const keepRecords: LogFormat['keep'] = (bytes, start) => keptLength(placedRecords(bytes), start);

function* placedRecords(bytes: Uint8Array): Generator<Placed> {
  for (const { data, end } of decodeRecords(bytes)) {
    yield { entry: data && { step: stepOf(data), measured: measuredIn(data) }, end };
  }
}

/** By the tag that `scalarsOf` gives. */
const measuredIn = (data: Uint8Array): LogEntry['measured'] =>
  MEASURED_SPLITS.find((split) => Buffer.from(data).includes(`loss/${split}`)) ?? null;
