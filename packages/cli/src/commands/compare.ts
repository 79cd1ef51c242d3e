import { Command } from 'commander';
import { shared } from './options';

/** `resnet compare`: what runs say about one another. */
export const compare = (): Command =>
  new Command('compare')
    .description(
      "Compare finished runs: error curves, mean and deviation over seeds, differences with a confidence interval, the paper's numbers beside.",
    )
    .argument('<run...>', 'run folders; those that differ only by seed are taken together, the first is compared with')
    .option('--out <dir>', 'write curves (SVG, PNG), data and a report there')
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet compare runs/cifar10-plain20-* runs/cifar10-resnet20-* --out comparison',
    )
    .action(async (runs, options) => (await import('../actions/compare')).compare(runs, options));
