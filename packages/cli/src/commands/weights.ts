import { Command } from 'commander';
import { shared } from './options';

/** `resnet weights`: trained weights that can be named. */
export const weights = (): Command =>
  new Command('weights')
    .description(
      'List trained weights by name, or fetch some into the cache (RESNET_CACHE), where every command finds them.',
    )
    .argument('[name...]', 'names to fetch')
    .option('--url <url>', 'another address of the file; its SHA-256 must be the same')
    .addOption(shared.json())
    .addHelpText('after', '\nExamples:\n  $ resnet weights\n  $ resnet weights resnet18')
    .action(async (names, options) => (await import('../actions/weights')).weights(names, options));
