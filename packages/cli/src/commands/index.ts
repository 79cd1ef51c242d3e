import type { Command } from 'commander';
import { bench } from './bench';
import { data } from './data';
import { evaluate } from './evaluate';
import { summary } from './summary';
import { train } from './train';
import { verify } from './verify';

/** Every command of `resnet`. Each file declares options only; its action is imported when it runs. */
export const commands: readonly (() => Command)[] = [bench, data, evaluate, summary, train, verify];
