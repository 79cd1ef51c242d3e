import { printable } from '@resnet/files/printable';
import { finalize, type MonoTypeOperatorFunction, Observable, tap } from 'rxjs';
import type { StartEvent, StepEvent, TrainEvent } from '../events';
import { progressLine } from './progress-line';
import { describe } from './progress-text';

/** Where progress is shown: `process.stderr`, or anything of its shape. */
export interface ProgressStream {
  /** Shows text. */
  write(text: string): unknown;
  /** Whether it is a terminal, which gets a bar in place of lines. */
  isTTY?: boolean;
  /** Characters a line of the terminal; 80 if it does not say. */
  columns?: number;
  /** Whether it shows colors, as `tty.WriteStream` says with regard to NO_COLOR; no if left out. */
  hasColors?(): boolean;
}

/** Settings of `progress`. */
export interface ProgressOptions {
  /** `process.stderr` by default, so that standard output stays free for results. */
  stream?: ProgressStream;
  /** What is being trained, before the numbers. */
  label?: string;
  /** Milliseconds between two lines: 100 on a terminal, 10,000 elsewhere by default. */
  interval?: number;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

/**
 * Shows a bar with steps, time left, iterations and images per second, rate, loss and error on a terminal, and plain lines now and then
 * elsewhere. Evaluations and warnings stay on lines of their own. The cursor is never hidden nor any other mode of the terminal
 * changed, apart from a bar's color, so nothing has to be restored, not even after `kill -9`; the bar's line is ended when the stream ends, fails or is
 * unsubscribed, and when the process exits, as after a second Ctrl-C.
 */
export const showProgress = (options: ProgressOptions = {}): MonoTypeOperatorFunction<TrainEvent> => {
  return (source) =>
    new Observable((subscriber) => {
      const display = new Display(options);
      const end = () => display.end();
      process.on('exit', end);
      return source
        .pipe(
          // Ended before whoever is downstream prints an error; `finalize` is left with an unsubscription.
          tap({ next: (event) => display.show(event), error: end, complete: end }),
          finalize(() => {
            process.off('exit', end);
            end();
          }),
        )
        .subscribe(subscriber);
    });
};

const eraseLine = '\r\x1b[2K';

class Display {
  private readonly stream: ProgressStream;
  private readonly now: () => number;
  private readonly label: string;
  private readonly isTerminal: boolean;
  private readonly color: boolean;
  private readonly interval: number;
  private start: { event: StartEvent; time: number } | null = null;
  private last: StepEvent | null = null;
  private shown = Number.NEGATIVE_INFINITY;
  private isOpen = false;

  constructor({ stream = process.stderr, label = '', interval, now = () => performance.now() }: ProgressOptions) {
    this.stream = stream;
    this.now = now;
    this.label = label;
    this.isTerminal = stream.isTTY === true && process.env.TERM !== 'dumb';
    this.color = this.isTerminal && stream.hasColors?.() === true;
    this.interval = interval ?? (this.isTerminal ? 100 : 10_000);
  }

  show(event: TrainEvent): void {
    if (event.type === 'start') this.start = { event, time: this.now() };
    if (event.type === 'end') this.end();
    if (event.type === 'step') this.step(event);
    else this.line(describe(event));
  }

  /** Leaves the last bar as it is, and the cursor on a line of its own. */
  end(): void {
    if (this.last) this.draw(this.last);
    if (this.isOpen) this.stream.write('\n');
    this.isOpen = false;
  }

  private step(event: StepEvent): void {
    this.last = event;
    if (this.now() - this.shown >= this.interval) this.draw(event);
  }

  private draw(event: StepEvent): void {
    this.shown = this.now();
    this.last = null;
    const { color } = this;
    const line = progressLine({
      label: printable(this.label),
      ...this.position(event),
      columns: this.columns(),
      event,
      color,
    });
    this.stream.write(this.isTerminal ? `${eraseLine}${line}` : `${line}\n`);
    this.isOpen = this.isTerminal;
  }

  private line(text: string | null): void {
    if (text === null) return;
    // Warnings name files and tensors of a run folder that anyone may have made. They may have lines of their own.
    this.stream.write(`${this.isOpen ? eraseLine : ''}${printable(text, '\n\t')}\n`);
    this.isOpen = false;
    // The bar comes back with the next step, whenever that is.
    this.shown = this.isTerminal ? Number.NEGATIVE_INFINITY : this.shown;
  }

  private position({ step }: StepEvent): { steps: number | null; secondsLeft: number | null } {
    if (!this.start) return { steps: null, secondsLeft: null };
    const { event, time } = this.start;
    const seconds = (this.now() - time) / 1000;
    return { steps: event.steps, secondsLeft: (seconds / (step - event.step)) * (event.steps - step) };
  }

  private columns(): number | null {
    return this.isTerminal ? (this.stream.columns ?? 80) : null;
  }
}
