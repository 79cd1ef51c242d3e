import type { Command } from 'commander';
import { analyze } from './analyze';
import { bench } from './bench';
import { compare } from './compare';
import { dashboard } from './dashboard';
import { data } from './data';
import { doctor } from './doctor';
import { evaluate } from './evaluate';
import { exportModel } from './export';
import { lrFind } from './lr-find';
import { predict } from './predict';
import { recipe } from './recipe';
import { runs } from './runs';
import { studies } from './studies';
import { summary } from './summary';
import { train } from './train';
import { verify } from './verify';
import { weights } from './weights';

/** Every command of `resnet`. Each file declares options only; its action is imported when it runs. */
export const commands: readonly (() => Command)[] = [
  analyze,
  bench,
  compare,
  dashboard,
  data,
  doctor,
  evaluate,
  exportModel,
  lrFind,
  predict,
  recipe,
  runs,
  studies,
  summary,
  train,
  verify,
  weights,
];
