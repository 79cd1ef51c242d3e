import type { TrainEvent } from '@resnet/trainer';
import { type ProgressOptions, showProgress } from '@resnet/trainer/node';
import { concat, from, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { checkpoint, end, start, step, validation } from './events';

/** A terminal that keeps what it is told, and a clock that goes on by a second an event. */
function terminal({ isTTY = true, columns = 100 } = {}) {
  let time = 0;
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const tick = () => {
    time += 1000;
    return time;
  };
  return { written, options: { stream, now: () => time } satisfies ProgressOptions, tick };
}

function show(
  events: TrainEvent[],
  { isTTY = true, columns = 100, ...options }: ProgressOptions & { isTTY?: boolean; columns?: number } = {},
) {
  const { written, options: defaults, tick } = terminal({ isTTY, columns });
  from(events)
    .pipe(showProgress({ ...defaults, ...options }))
    .subscribe({ next: tick, error: () => {} });
  return written;
}

const erase = '\0';
const erased = '\r\u001b[2K';

/** What a terminal of unlimited width shows in the end. */
function screen(written: string[]): string[] {
  const lines = [''];
  for (const text of written
    .join('')
    .replaceAll(erased, erase)
    .split(/(\n|\0)/)) {
    if (text === '\n') lines.push('');
    else if (text === erase) lines[lines.length - 1] = '';
    else lines[lines.length - 1] += text;
  }
  return lines;
}

const one = step(25, { images: 128, seconds: 0.1, rate: 0.1, meanLoss: 1.23456, meanError: 0.4567 });

it.each([true, false])('sends nothing from a run folder to the terminal as a command (terminal: %s)', (isTTY) => {
  const hostile = 'step-1\x1b]52;c;ZWNobw==\x07\x9b2J\u202e';
  const written = show(
    [
      { ...start(), resumedFrom: hostile },
      { type: 'warning', step: 1, message: `checkpoint ${hostile} is damaged\nand passed over` },
      one,
    ],
    { isTTY, label: hostile, columns: 300 },
  ).join('');
  const shown = 'step-1\\u{1b}]52;c;ZWNobw==\\u{7}\\u{9b}2J\\u{202e}';
  expect(written.split(shown)).toHaveLength(4);
  expect(written.replaceAll('\r\x1b[2K', '')).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  expect(written).toContain('is damaged\nand passed over');
});

describe('on a terminal', () => {
  it('draws a bar with steps, time left, speed, rate, loss and error', () => {
    expect(screen(show([start(), one], { label: 'resnet20' }))).toEqual([
      'resnet20  25/100  ━━━━━╸╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  25 %  3 s left  10 it/s  rate 0.1  loss 1.23  error 45.7 %',
      '',
    ]);
  });

  it('has a bar, the rate and iterations per second at 80 columns, however long the run', () => {
    const long = step(12_345, { images: 128, seconds: 0.1, rate: 0.0125, meanLoss: 1.23456, meanError: 0.4567 });
    const [line] = screen(show([start(0, { steps: 640_000 }), long], { label: 'resnet110', columns: 80 }));
    // 1 s for 12,345 steps, so 627,655 take 51 s. All that is wanted takes 68 of 79 columns, with one space between.
    expect(line).toBe('12,345/640,000 ╌╌╌╌╌╌╌╌╌╌╌ 51 s left 10 it/s rate 0.0125 loss 1.23 error 45.7 %');
  });

  it('colors the bar where the terminal has colors, and nothing else', () => {
    const { options, written } = terminal();
    from([start(), one])
      .pipe(showProgress({ ...options, stream: { ...options.stream, hasColors: () => true } }))
      .subscribe();
    const [before, bar, after, ...rest] = written.join('').replace(erased, '').split('\u001b');
    expect([before, bar, after?.slice(0, 9), rest]).toEqual([
      '25/100  ',
      expect.stringMatching(/^\[36m[━╸╌]+$/),
      '[39m  25 ',
      [],
    ]);
  });

  it.each([20, 60, 80, 100, 200])('stays within %i columns', (columns) => {
    for (const line of screen(show([start(), one], { label: 'resnet20', columns }))) {
      expect(line.length).toBeLessThan(columns);
    }
  });

  it('keeps position, loss and error where the terminal is narrow', () => {
    expect(screen(show([start(), one], { label: 'resnet20', columns: 61 }))[0]).toBe(
      '25/100  3 s left  10 it/s  rate 0.1  loss 1.23  error 45.7 %',
    );
    expect(screen(show([start(), one], { label: 'resnet20', columns: 40 }))[0]).toBe('25/100  loss 1.23  error 45.7 %');
  });

  it('redraws in place, not more often than asked', () => {
    const steps = Array.from({ length: 30 }, (_, i) => step(i + 1));
    const drawn = show([start(), ...steps], { interval: 10_000 }).filter((text) => text.startsWith('\r'));
    expect(drawn.map((text) => /(\d+)\/100/.exec(text)?.[1])).toEqual(['1', '11', '21', '30']);
  });

  it('keeps evaluations and warnings on lines of their own and goes on below', () => {
    const events = [
      start(),
      step(1),
      validation(1, { loss: 0.5, error: 0.25, best: true }),
      checkpoint(1),
      { type: 'warning', step: 1, message: 'no room' } as const,
      step(2),
      end(2, { seconds: 3725 }),
    ];
    const lines = screen(show(events));
    expect(lines[0]).toBe('step 1  validation loss 0.5  error 25.0 %  (best)');
    expect(lines[1]).toBe('warning: no room');
    expect(lines[2]).toContain('2/100');
    expect(lines.slice(3)).toEqual(['finished at step 2 after 1 h 02 min', '']);
  });

  it('ends its line when the stream ends, fails, or is left', () => {
    for (const rest of [of(), throwError(() => new Error('no')), NEVER]) {
      const { written, options } = terminal();
      concat(of(start(), step(1)), rest)
        .pipe(showProgress(options))
        .subscribe({ error: () => {} })
        .unsubscribe();
      expect(written.at(-1)).toBe('\n');
    }
  });

  it('ends its line when the process exits, and hears of that no longer than it shows', () => {
    const listeners = process.listenerCount('exit');
    const { written, options } = terminal();
    const shown = concat(of(start(), step(1)), NEVER)
      .pipe(showProgress(options))
      .subscribe();
    const [onExit] = process.listeners('exit').slice(listeners);
    onExit!.call(process, 130);
    expect(written.join('')).toMatch(/1\/100.*\n$/);
    shown.unsubscribe();
    expect(process.listenerCount('exit')).toBe(listeners);
  });

  it('ends its line before an error is printed', () => {
    const { written, options } = terminal();
    concat(
      of(start(), step(1)),
      throwError(() => new Error('no')),
    )
      .pipe(showProgress(options))
      .subscribe({ error: () => written.push('error') });
    expect(written.slice(-2)).toEqual(['\n', 'error']);
  });

  it('touches no mode of the terminal: the only sequence it sends erases its own line', () => {
    const [, ...sequences] = show([start(), one, validation(25), end(25)])
      .join('')
      .split('\u001b');
    expect(sequences.filter((sequence) => !sequence.startsWith('[2K'))).toEqual([]);
    expect(sequences).not.toEqual([]);
  });

  it('reckons the time left from this session alone', () => {
    // 1 s for the 1 step since the resume at 90, 9 steps to go.
    expect(screen(show([start(90), step(91)]))[1]).toContain('9 s left');
  });
});

describe('elsewhere', () => {
  it('prints plain lines now and then', () => {
    const steps = Array.from({ length: 25 }, (_, i) =>
      step(i + 1, { images: 8, seconds: 1, meanLoss: 2, meanError: 0.5 }),
    );
    const written = show([start(), ...steps, end(25)], { isTTY: false });
    expect(written[0]).toBe('1/100  1 %  1:39 left  1 it/s  8 images/s  rate 0.1  loss 2  error 50.0 %\n');
    expect(written.map((line) => line.split('  ')[0])).toEqual([
      '1/100',
      '11/100',
      '21/100',
      '25/100',
      'finished at step 25 after 10 s\n',
    ]);
    expect(written.filter((line) => line.includes('\r') || line.includes('\u001b'))).toEqual([]);
  });
});

it('passes every event on', () => {
  const events = [start(), step(1), validation(1), checkpoint(1), end(1)];
  const seen: TrainEvent[] = [];
  from(events)
    .pipe(showProgress(terminal().options))
    .subscribe((event) => seen.push(event));
  expect(seen).toEqual(events);
});
