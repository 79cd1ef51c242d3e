import type { ServerResponse } from 'node:http';
import type { FollowedFolder } from '../follow/folder';
import { safeHeaders } from './answer';
import { type SentSoFar, type SeriesUpdate, seriesSince } from './series';

/** Streams at a time: pages that look, and a few that were forgotten. */
const MOST = 32;

/** Milliseconds that a reader may take for what it was sent. */
const PATIENCE = 30_000;

/** Open streams of server-sent events. */
export interface Streams {
  /** How many are open. */
  readonly count: number;
  /** Streams to a page until it goes; false where there are too many. */
  open(response: ServerResponse): boolean;
  /** Sends every page what is new for it. */
  send(): void;
  /** Ends all. */
  close(): void;
}

interface Reader {
  response: ServerResponse;
  /** What it has by now, by run. */
  sent: Map<string, SentSoFar>;
  runs: string;
  /** Since when it has not taken what it was sent; null: it has. */
  waiting: number | null;
}

/**
 * Streams what changes of some runs. A page is sent what it lacks, and nothing more while it has not taken what it was sent: memory does
 * not grow with a slow reader, which is cut off after a while and gets everything when it comes back.
 */
export function eventStreams({ runs }: FollowedFolder, now = Date.now): Streams {
  const readers = new Set<Reader>();

  const drop = (reader: Reader): void => {
    readers.delete(reader);
    reader.response.destroy();
  };

  const sendTo = (reader: Reader): void => {
    const { response } = reader;
    if (response.writableNeedDrain) {
      reader.waiting ??= now();
      if (now() - reader.waiting > PATIENCE) drop(reader);
      return;
    }
    reader.waiting = null;
    const views = JSON.stringify([...runs.values()].flatMap(({ view }) => view ?? []));
    if (views !== reader.runs) {
      response.write(`event: runs\ndata: ${views}\n\n`);
      reader.runs = views;
    }
    for (const name of reader.sent.keys()) if (!runs.has(name)) reader.sent.delete(name);
    for (const [name, { metrics }] of runs) {
      // The next ones wait for their turn, when this one is taken.
      if (response.writableNeedDrain) return;
      const update: SeriesUpdate | null = seriesSince(name, metrics.metrics, reader.sent);
      if (update) response.write(`event: series\ndata: ${JSON.stringify(update)}\n\n`);
    }
  };

  return {
    get count() {
      return readers.size;
    },
    open(response) {
      if (readers.size >= MOST) return false;
      response.writeHead(200, { ...safeHeaders, 'Content-Type': 'text/event-stream' });
      response.write('retry: 1000\n\n');
      const reader: Reader = { response, sent: new Map(), runs: '', waiting: null };
      readers.add(reader);
      response.on('drain', () => sendTo(reader));
      response.on('close', () => readers.delete(reader));
      response.on('error', () => drop(reader));
      sendTo(reader);
      return true;
    },
    send: () => readers.forEach(sendTo),
    close: () => readers.forEach(drop),
  };
}
