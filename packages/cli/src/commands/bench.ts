import { Command, Option } from 'commander';
import { positive, shared } from './options';

/** `resnet bench`: speed of training or inference on this machine. */
export const bench = (): Command =>
  new Command('bench')
    .description(
      'Measure full training steps (forward, loss, gradients, momentum update) or inference on random images.',
    )
    .option('--model <name>', 'network', 'resnet20')
    .option('--batch <images>', 'images per step', positive, 128)
    .option('--steps <number>', 'measured steps', positive, 10)
    .option('--warmup <number>', 'steps before the measured ones', positive, 3)
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .option('--level <name>', 'kernels of the simd backend: avx512, avx2, neon, relaxed or simd128 (default: the best)')
    .option('--inference', 'measure inference instead of training')
    .option('--profile', 'print the time spent in each kernel')
    .addOption(new Option('--turns', 'take as many steps as each line of stdin says').hideHelp())
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet bench --model resnet20 --batch 128 --steps 10 --backend simd --threads 2 --json',
    )
    .action(async (options) => (await import('../actions/bench')).bench(options));
