import { Command } from 'commander';
import { shared } from './options';

/** `resnet verify`: compares this backend with PyTorch. */
export const verify = (): Command =>
  new Command('verify')
    .description('Replay training runs recorded with PyTorch and compare losses, weights, statistics and outputs.')
    .argument('[files...]', 'recorded runs, .safetensors (default: those shipped with the command)')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet verify --backend simd --json')
    .action(async (files, options) => (await import('../actions/verify')).verify(files, options));
