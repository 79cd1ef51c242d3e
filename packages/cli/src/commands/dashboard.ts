import { Command } from 'commander';
import { natural, shared } from './options';

/** `resnet dashboard`: runs as they train, in a page. */
export const dashboard = (): Command =>
  new Command('dashboard')
    .description('Follow the runs of a folder in a page, while they train: curves, comparison, scores by class.')
    .argument('[dir]', 'folder of run folders', 'runs')
    .option('--port <n>', 'port (default: 6886, or the next one that is free)', natural)
    .option('--host <address>', 'interface to listen at (default: 127.0.0.1, this machine alone)')
    .option('--open', 'open the page in the browser')
    .option('--export <folder>', 'write the page with all runs as they are now, to be opened from a file, and end')
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet dashboard runs --export report')
    .action(async (directory, options) => (await import('../actions/dashboard')).dashboard(directory, options));
