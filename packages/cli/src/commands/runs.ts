import { Command } from 'commander';
import { shared } from './options';

/** `resnet runs`: what there is. */
export const runs = (): Command =>
  new Command('runs')
    .description('List the runs in a folder: status, progress, errors.')
    .argument('[dir]', 'folder of run folders, or one of them', 'runs')
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet runs runs')
    .action(async (directory, options) => (await import('../actions/runs')).runs(directory, options));
