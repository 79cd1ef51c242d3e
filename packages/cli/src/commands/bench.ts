import type { SimdLevel } from '@resnet/experiments/bench';
import { Command, InvalidArgumentError, Option } from 'commander';
import { shared } from './options';

const count = (value: string): number => {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 1 up.');
};

const levels = ['avx512', 'avx2', 'neon', 'relaxed', 'simd128'] as const satisfies readonly SimdLevel[];

/** `resnet bench`: how fast a model trains or infers here. */
export const bench = (): Command =>
  new Command('bench')
    .description(
      'Measure full training steps (forward, loss, gradients, momentum update) or inference on random images.',
    )
    .option('--model <name>', 'which network', 'resnet20')
    .option('--batch <images>', 'images a step', count, 128)
    .option('--steps <number>', 'measured steps', count, 10)
    .option('--warmup <number>', 'steps before those', count, 3)
    .option('--backend <name>', 'auto, tensorflow, webgpu, simd or cpu', 'auto')
    .addOption(shared.software())
    .option('--threads <number>', 'threads of the simd backend (default: all cores)', count)
    .addOption(new Option('--level <name>', 'kernels of the simd backend (default: the best here)').choices(levels))
    .option('--inference', 'measure inference instead of training')
    .option('--profile', 'print the time spent in each kernel')
    .addOption(new Option('--turns', 'take as many steps as each line of stdin says').hideHelp())
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet bench --model resnet20 --batch 128 --steps 10 --backend simd --threads 2 --json',
    )
    .action(async (options) => (await import('../actions/bench')).bench(options));
