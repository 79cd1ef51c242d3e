import { Command } from 'commander';
import { shared } from './options';

/** `resnet verify`: does this backend compute what PyTorch computes? */
export const verify = (): Command =>
  new Command('verify')
    .description('Replay training runs recorded with PyTorch and compare losses, weights, statistics and outputs.')
    .argument('[files...]', 'recorded runs, .safetensors (default: those that come with this command)')
    .option('--backend <name>', 'auto, tensorflow, webgpu, simd or cpu', 'auto')
    .addOption(shared.software())
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  $ resnet verify --backend simd --json')
    .action(async (files, options) => (await import('../actions/verify')).verify(files, options));
