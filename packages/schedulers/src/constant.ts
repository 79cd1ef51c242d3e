import { type Schedule, schedule } from './schedule';
import { checkRate } from './schedule-error';

/** The same rate for ever. */
export function constant(rate: number): Schedule {
  checkRate('constant', 'rate', rate);
  return schedule(() => rate);
}
