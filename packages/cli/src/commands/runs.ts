import { Command } from 'commander';
import { shared } from './options';

/** `resnet runs`: the runs in a folder. */
export const runs = (): Command =>
  new Command('runs')
    .description('List the runs in a folder: status, progress, errors.')
    .argument('[dir]', 'folder of run folders, or one run folder', 'runs')
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet runs runs')
    .action(async (directory, options) => (await import('../actions/runs')).runs(directory, options));
