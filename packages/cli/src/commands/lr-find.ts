import { Command } from 'commander';
import { natural, positive, rate, recipeArgument, shared } from './options';

/** `resnet lr-find`: suggests a first learning rate. */
export const lrFind = (): Command =>
  new Command('lr-find')
    .description(
      'Train at a rising learning rate and suggest the rate to start with; the trained weights are discarded.',
    )
    .argument('<recipe>', recipeArgument)
    .option('--model <name>', 'network, for example resnet20')
    .option('--shortcut <kind>', 'A, B, C or none')
    .option('--data <path>', 'archive or folder of images, or shapes10')
    .addOption(shared.batchSize())
    .addOption(shared.formerBatch())
    .option('--seed <n>', 'seed of weights, order and augmentation', natural)
    .option('--steps <n>', 'iterations from the first rate to the last', positive, 100)
    .option('--from <rate>', 'first rate', rate, 1e-6)
    .option('--to <rate>', 'last rate', rate, 10)
    .option('--plot <file>', 'write the curve as SVG, or as PNG if the name ends with .png')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addOption(shared.set())
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet lr-find shapes10 --model resnet20 --plot rates.svg')
    .action(async (recipe, options) => (await import('../actions/lr-find')).lrFind(recipe, options));
