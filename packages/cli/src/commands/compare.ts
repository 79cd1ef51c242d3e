import { Command } from 'commander';
import { shared } from './options';

/** `resnet compare`: curves and errors of finished runs. */
export const compare = (): Command =>
  new Command('compare')
    .description(
      "Compare finished runs: error curves, mean and deviation over seeds, differences with confidence intervals, the paper's errors.",
    )
    .argument(
      '<run...>',
      'run folders; runs that differ by seed only form one group, and each group is compared with the first',
    )
    .option('--out <dir>', 'folder for curves (SVG, PNG), data and a report')
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet compare runs/cifar10-plain20-* runs/cifar10-resnet20-* --out comparison',
    )
    .action(async (runs, options) => (await import('../actions/compare')).compare(runs, options));
