import { Command } from 'commander';
import { shared } from './options';

/** `resnet studies`: the paper's figures and the deck's questions, from training to report. */
export const studies = (): Command =>
  new Command('studies')
    .description("Train the nets behind the paper's figures and the slide deck's questions, and write one report.")
    .option(
      '--preset <name>',
      'quick: shapes10, small nets; short: 2,000 iterations; full: the paper’s 64,000',
      'quick',
    )
    .option('--only <list>', 'run only these studies, for example degradation,responses', (value: string) =>
      value.split(','),
    )
    .option('--data <path>', 'archive or folder of images; required for short and full')
    .option('--out <dir>', 'folder for runs, figures and REPORT.html', 'studies')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addHelpText('after', '\nExample:\n  $ resnet studies --preset quick --only degradation,responses')
    .action(async (options) => (await import('../actions/studies')).runStudies(options));
