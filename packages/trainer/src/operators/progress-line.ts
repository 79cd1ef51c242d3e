import type { StepEvent } from '../events';
import { clock, percent, shortNumber } from './progress-text';

/** What a line of progress is made of. */
export interface ProgressState {
  label: string;
  /** Iterations of the whole run; null if unknown. */
  steps: number | null;
  secondsLeft: number | null;
  /** Width to fit into, with a bar; null for a line without one. */
  columns: number | null;
  event: StepEvent;
  /** Whether the bar is colored. Default false. */
  color?: boolean;
}

/** A part of the line; those of the lowest rank go first where the terminal is narrow. */
interface Part {
  text: string;
  rank: number;
}

/** Characters that a bar has at least, and at most. */
const [shortestBar, longestBar] = [8, 30];

/** Beside a bar, parts of this rank and above always stand. */
const besideBar = 4;

/** One line of progress, as `resnet20  1,200/64,000 ━━━╸╌╌╌╌ 19 %  12:10 left  9.6 it/s  rate 0.1  loss 0.523  error 18.2 %`. */
export function progressLine({ label, steps, secondsLeft, columns, event, color = false }: ProgressState): string {
  const share = steps === null ? null : event.step / steps;
  const before: Part[] = [
    { text: label, rank: 3 },
    { text: steps === null ? `step ${group(event.step)}` : `${group(event.step)}/${group(steps)}`, rank: 9 },
  ];
  const after: Part[] = [
    { text: share === null ? '' : `${Math.floor(share * 100)} %`, rank: 2 },
    { text: secondsLeft === null ? '' : `${clock(secondsLeft)} left`, rank: 4 },
    { text: `${shortNumber(1 / event.seconds)} it/s`, rank: 5 },
    { text: `${group(Math.round(event.images / event.seconds))} images/s`, rank: 1 },
    { text: `rate ${shortNumber(event.rate)}`, rank: 6 },
    { text: `loss ${shortNumber(event.meanLoss)}`, rank: 8 },
    { text: `error ${percent(event.meanError)}`, rank: 7 },
  ];
  if (columns === null || share === null) return join([...before, ...after]);
  // One column stays free: a full line would wrap on some terminals.
  const room = columns - 1;
  return withBar({ before, after, share, room, color }) ?? fitting([...before, ...after], room);
}

/** The line with a bar and as many parts as there is room for; null where a bar and the most wanted ones do not fit. */
function withBar({
  before,
  after,
  share,
  room,
  color,
}: {
  before: Part[];
  after: Part[];
  share: number;
  room: number;
  color: boolean;
}): string | null {
  const choices = [1, 2, 3, besideBar].map((rank) => ({ rank, gap: '  ' }));
  for (const { rank, gap } of [...choices, { rank: besideBar, gap: ' ' }]) {
    const [left, right] = [before, after].map((parts) => parts.filter((part) => part.rank >= rank));
    const free = room - join([...left!, ...right!], gap).length - gap.length;
    if (free < shortestBar) continue;
    const drawn = bar(share, Math.min(free, longestBar));
    return join([...left!, { text: color ? `\u001b[36m${drawn}\u001b[39m` : drawn, rank: 9 }, ...right!], gap);
  }
  return null;
}

/** As many parts as there is room for: a narrow line keeps where the run is, its loss and its error. */
function fitting(parts: Part[], room: number): string {
  const line = join(parts);
  if (line.length <= room || parts.length <= 1) return line.slice(0, room);
  const least = Math.min(...parts.map(({ rank }) => rank));
  return fitting(
    parts.filter(({ rank }) => rank !== least),
    room,
  );
}

const join = (parts: readonly Part[], gap = '  '): string =>
  parts.flatMap(({ text }) => (text === '' ? [] : [text])).join(gap);

const group = (value: number): string => value.toLocaleString('en-US');

/** A bar of `width` characters, drawn to half a character. */
function bar(share: number, width: number): string {
  const halves = Math.round(Math.min(share, 1) * width * 2);
  const full = '━'.repeat(Math.floor(halves / 2)) + (halves % 2 ? '╸' : '');
  return full.padEnd(width, '╌');
}
