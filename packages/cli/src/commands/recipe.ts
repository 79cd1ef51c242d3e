import { Command } from 'commander';
import { natural, positive, shared } from './options';

/** `resnet recipe`: what a recipe says. */
export const recipe = (): Command =>
  new Command('recipe')
    .description('Print a recipe as JSON, or in words with what follows from it: epochs, boundaries, time here.')
    .argument('<recipe>', 'cifar10, cifar10-110, imagenet, imagenet-deck, shapes10, or a YAML/JSON file')
    .option('--explain', 'in words, with derived figures')
    .option('--model <name>', 'another network')
    .option('--data <path>', 'another data set; its images are counted')
    .option('--hold-out <images>', 'training images kept aside for validation', natural)
    .option('--steps <n>', 'iterations', positive)
    .addOption(shared.batchSize())
    .addOption(shared.set())
    .option('--time-steps <n>', 'iterations to time for the estimate; 0 for none', natural, 3)
    .option(
      '--time-batch <images>',
      'images a timed iteration (default: the recipe’s, fewer where images are large)',
      positive,
    )
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addHelpText('after', '\nExample:\n  $ resnet recipe cifar10 --explain --model resnet56')
    .action(async (name, options) => (await import('../actions/recipe')).recipe(name, options));
