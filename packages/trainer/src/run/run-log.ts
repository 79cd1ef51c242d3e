import { isThere, readBytesSync } from '@resnet/files';
import { type LoggedEvent, parseEvent } from '../operators/logs/log-events';

/** The bytes of `events.jsonl`; none before the first start. */
export function readLog(path: string): Buffer {
  if (!isThere(path)) return Buffer.alloc(0);
  const { buffer, byteOffset, byteLength } = readBytesSync(path, { who: 'readLog' });
  return Buffer.from(buffer, byteOffset, byteLength);
}

type EventOf<Type extends LoggedEvent['type']> = Extract<LoggedEvent, { type: Type }>;

/** The last event of a type. Searched from the end as bytes, where lines begin: a long run's log has a line for every step. */
export function lastOf<Type extends LoggedEvent['type']>(
  log: Buffer,
  type: Type,
  isWanted: (event: EventOf<Type>) => boolean = () => true,
): EventOf<Type> | null {
  const isOfType = (event: LoggedEvent | null): event is EventOf<Type> => event?.type === type;
  for (let end = log.length; ; ) {
    const lineBreak = log.subarray(0, end).lastIndexOf(`\n{"type":"${type}"`);
    // The first line has no line break before it.
    const event = parseEvent(lineAt(log, lineBreak + 1));
    if (isOfType(event) && isWanted(event)) return event;
    if (lineBreak === -1) return null;
    end = lineBreak;
  }
}

/** The line that begins at `start`; without its end where a crash, or a writer at work, left it unfinished. */
export function lineAt(log: Buffer, start: number): string {
  const end = log.indexOf('\n', start);
  return log.toString('utf8', start, end === -1 ? log.length : end);
}
