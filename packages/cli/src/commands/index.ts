import type { Command } from 'commander';
import { data } from './data';
import { train } from './train';
import { verify } from './verify';

/** Every command of `resnet`. Each file declares options only; its action is imported when it runs. */
export const commands: readonly (() => Command)[] = [data, train, verify];
