import { Command, Option } from 'commander';
import { shared } from './options';

/** `resnet studies`: the paper's figures and the deck's questions, from training to report. */
export const studies = (): Command =>
  new Command('studies')
    .description("Train what the paper's figures and the deck's questions need, and write one report.")
    .addOption(
      new Option('--preset <name>', 'quick: shapes10, small nets; short: 2,000 iterations; full: the paper’s 64,000')
        .choices(['quick', 'short', 'full'])
        .default('quick'),
    )
    .option('--only <list>', 'some studies, as degradation,responses', (value: string) => value.split(','))
    .option('--data <path>', 'archive or folder of images; short and full need one')
    .option('--out <dir>', 'runs, figures and REPORT.html go there', 'studies')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addHelpText('after', '\nExample:\n  $ resnet studies --preset quick --only degradation,responses')
    .action(async (options) => (await import('../actions/studies')).runStudies(options));
