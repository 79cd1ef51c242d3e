import type { Command } from 'commander';

/** Every command of `resnet`. Each file declares options only; its action is imported when it runs. */
export const commands: readonly (() => Command)[] = [];
