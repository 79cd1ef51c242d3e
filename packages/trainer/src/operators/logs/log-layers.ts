import type { MonoTypeOperatorFunction } from 'rxjs';
import type { LayerMeasure, TrainEvent } from '../../events';
import { appendLog } from './append-log';
import { keptLength, type Placed } from './kept-length';
import { parseEvent } from './log-events';
import { wholeLines } from './whole-lines';

/** A line of `layers.jsonl`. */
export interface LayersRow {
  /** Iterations done. */
  step: number;
  /** In the network's order. */
  layers: readonly LayerMeasure[];
}

/** Appends what was measured of layers to `path`, a line of JSON each; on resume the lines past the checkpoint's step go. */
export const logLayers = (path: string): MonoTypeOperatorFunction<TrainEvent> =>
  appendLog(path, {
    header: () => new Uint8Array(),
    keep: (bytes, start) => keptLength(placedLines(bytes), start),
    encode: (event) => {
      if (event.type !== 'layers') return null;
      const { type, step, layers } = event;
      return Buffer.from(`${JSON.stringify({ type, step, layers })}\n`);
    },
  });

/** Reads the whole lines of a `layers.jsonl`; damaged ones are left out. */
export const parseLayers = (text: string): LayersRow[] =>
  text.split('\n').flatMap((line) => {
    const event = parseEvent(line);
    return event?.type === 'layers' && Array.isArray(event.layers) ? [{ step: event.step, layers: event.layers }] : [];
  });

function* placedLines(bytes: Uint8Array): Generator<Placed> {
  for (const { line, end } of wholeLines(bytes)) {
    const event = parseEvent(line);
    // As a training step's: lines of lower steps behind a damaged one keep it.
    yield { entry: event && { step: event.step, measured: 'train' }, end };
  }
}
