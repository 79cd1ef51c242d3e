import type { Evaluation, TrainEvent } from '../events';

/** The line an event other than a step deserves; null if none. */
export function describe(event: TrainEvent): string | null {
  switch (event.type) {
    case 'start':
      return event.resumedFrom === undefined ? null : `resumed at step ${event.step} from ${event.resumedFrom}`;
    case 'evaluation':
      return `step ${event.step}  ${event.split} ${scores(event)}${event.best ? '  (best)' : ''}`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'end':
      return `${event.reason === 'finished' ? 'finished' : 'stopped'} at step ${event.step} after ${duration(event.seconds)}`;
    default:
      return null;
  }
}

const scores = ({ loss, error }: Evaluation): string => `loss ${shortNumber(loss)}  error ${percent(error)}`;

/** Three significant digits, or four beyond: 0.523, 12.3, 1.25e-5. */
export const shortNumber = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);

/** A share as percent with one decimal. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Seconds as `7 s`, `3 min 12 s`, `1 h 05 min` or `2 d 3 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400)
    return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** Seconds as `48 s`, `3:12`, `1:02:45` or `2 d 3 h`: short, for lines that are redrawn. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 60 || seconds >= 86_400) return duration(seconds);
  const whole = Math.round(seconds);
  const two = (part: number) => String(part).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
