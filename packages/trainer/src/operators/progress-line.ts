import type { StepEvent } from '../events';
import { duration, percent, shortNumber } from './progress-text';

/** What a line of progress is made of. */
export interface ProgressState {
  label: string;
  /** Iterations of the whole run; null if unknown. */
  steps: number | null;
  secondsLeft: number | null;
  /** Width to fit into, with a bar; null for a line without one. */
  columns: number | null;
  event: StepEvent;
}

/** One line of progress, as `resnet20  1,200/64,000 ━━━╸╌╌╌╌ 19 %  12 min left  1,234 images/s  rate 0.1  loss 0.523  error 18.2 %`. */
export function progressLine({ label, steps, secondsLeft, columns, event }: ProgressState): string {
  const share = steps === null ? null : event.step / steps;
  const before = [label, steps === null ? `step ${group(event.step)}` : `${group(event.step)}/${group(steps)}`];
  const after = [
    ...(share === null ? [] : [`${Math.floor(share * 100)} %`]),
    ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]),
    `${group(Math.round(event.images / event.seconds))} images/s`,
    `rate ${shortNumber(event.rate)}`,
    `loss ${shortNumber(event.meanLoss)}`,
    `error ${percent(event.meanError)}`,
  ];
  if (columns === null || share === null) return join([...before, ...after]);
  // One column stays free: a full line would wrap on some terminals.
  const room = columns - 1 - join([...before, '', ...after]).length;
  if (room >= 5) return join([...before, bar(share, Math.min(room, 30)), ...after]);
  return fitting([...before, ...after], columns - 1);
}

/** As many parts as have room, without the middle ones: a narrow line keeps where the run is, its loss and its error. */
function fitting(parts: string[], room: number): string {
  const whole = join(parts);
  if (whole.length <= room || parts.length <= 3) return whole.slice(0, room);
  return fitting(parts.toSpliced(-3, 1), room);
}

const join = (parts: string[]): string => parts.filter((part, i) => part !== '' || i > 0).join('  ');

const group = (value: number): string => value.toLocaleString('en-US');

/** A bar of `width` characters, drawn to half a character. */
function bar(share: number, width: number): string {
  const halves = Math.round(Math.min(share, 1) * width * 2);
  const full = '━'.repeat(Math.floor(halves / 2)) + (halves % 2 ? '╸' : '');
  return full.padEnd(width, '╌');
}
