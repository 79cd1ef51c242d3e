import { type AppendFile, appendFile, nextMove, reasonOf } from '@resnet/files';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { finalize, Observable, tap } from 'rxjs';
import { TrainError } from '../../errors';
import type { TrainEvent } from '../../events';
import type { LogContinuation } from './survives';

/** How events become the contents of one log file. */
export interface LogFormat {
  /** What a new file begins with. */
  header(): Uint8Array;
  /** How many bytes of the file before a resume still hold when the run goes on at `start`. 0: start over. */
  keep(bytes: Uint8Array, start: LogContinuation): number;
  /** An event's bytes; null for an event this log leaves out. */
  encode(event: TrainEvent): Uint8Array | null;
  /** A last entry for a stream that fails, if the log has such. */
  encodeError?(error: unknown, step: number): Uint8Array;
}

/** A log could not be written: the disk is full, the folder read-only or gone, the file a link. The cause is in `cause`. */
export class LogWriteError extends TrainError {
  /** `LogWriteError`, in minified code too. */
  override name = 'LogWriteError';

  constructor(
    /** The log file, as `appendLog` was given it. */
    readonly path: string,
    cause: unknown,
  ) {
    super(
      `appendLog: ${path} must be a log that can be written, got ${reasonOf(cause)}. ${nextMove(cause)} Then resume the run.`,
      { cause },
    );
  }
}

/**
 * Writes every event to a file the moment it arrives, and passes it on. Each `start` event first cuts the file back to what
 * still holds at its step, nothing at step 0, so that a resumed run's log goes on as if it had never stopped. Written synchronously: after `kill -9` the log is never behind a checkpoint. Closed when the stream ends, fails or
 * is unsubscribed.
 */
export const appendLog = (path: string, format: LogFormat): MonoTypeOperatorFunction<TrainEvent> => {
  return (source) =>
    new Observable((subscriber) => {
      const log = new AppendLog(path, format);
      return source
        .pipe(
          tap({ next: (event) => log.next(event), error: (error) => log.fail(error) }),
          finalize(() => log.close()),
        )
        .subscribe(subscriber);
    });
};

/** Everything that is whole holds. */
const atTheEnd: LogContinuation = { step: Number.POSITIVE_INFINITY, evaluationPending: false };

class AppendLog {
  private file: AppendFile | null = null;
  private step = 0;
  /** What was said before the start, such as that a damaged checkpoint was passed over. */
  private early: Uint8Array[] = [];

  constructor(
    private readonly path: string,
    private readonly format: LogFormat,
  ) {}

  next(event: TrainEvent): void {
    this.step = event.step;
    this.guarded(() => {
      if (event.type === 'start') this.open(event);
      this.write(this.format.encode(event));
      if (event.type === 'checkpoint') this.file?.sync();
    });
  }

  fail(error: unknown): void {
    if (!this.format.encodeError) return;
    // What made the stream fail matters more than a log that cannot say so.
    try {
      if (this.file === null) this.open(atTheEnd);
      this.write(this.format.encodeError(error, this.step));
    } catch {}
  }

  close(): void {
    this.file?.close();
    this.file = null;
  }

  private open(start: LogContinuation): void {
    this.close();
    this.file = appendFile(this.path, 'appendLog');
    const before = this.file.read();
    const kept = before.length === 0 || start.step === 0 ? 0 : this.format.keep(before, start);
    if (kept < before.length) this.file.truncate(kept);
    if (kept === 0) this.write(this.format.header());
    for (const bytes of this.early.splice(0)) this.write(bytes);
  }

  private write(bytes: Uint8Array | null): void {
    if (bytes === null) return;
    if (this.file === null) this.early.push(bytes);
    else this.file.append(bytes);
  }

  private guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw new LogWriteError(this.path, error);
    }
  }
}
