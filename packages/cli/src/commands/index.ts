import type { Command } from 'commander';
import { bench } from './bench';
import { data } from './data';
import { doctor } from './doctor';
import { evaluate } from './evaluate';
import { lrFind } from './lr-find';
import { predict } from './predict';
import { runs } from './runs';
import { summary } from './summary';
import { train } from './train';
import { verify } from './verify';

/** Every command of `resnet`. Each file declares options only; its action is imported when it runs. */
export const commands: readonly (() => Command)[] = [
  bench,
  data,
  doctor,
  evaluate,
  lrFind,
  predict,
  runs,
  summary,
  train,
  verify,
];
