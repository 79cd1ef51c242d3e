import { Command } from 'commander';
import { natural, positive, recipeArgument, shared } from './options';

/** `resnet recipe`: a recipe as JSON or in words. */
export const recipe = (): Command =>
  new Command('recipe')
    .description('Print a recipe as JSON, or explain it: epochs, boundaries, parameters, time on this machine.')
    .argument('<recipe>', recipeArgument)
    .option('--explain', 'explain in words, with derived figures')
    .option('--model <name>', 'network to use instead')
    .option('--data <path>', 'data set to use instead; its images are counted')
    .option('--hold-out <images>', 'training images kept aside for validation', natural)
    .option('--steps <n>', 'iterations', positive)
    .addOption(shared.batchSize())
    .addOption(shared.set())
    .option('--time-steps <n>', 'iterations to time for the estimate; 0 for none', natural, 3)
    .option(
      '--time-batch <images>',
      'images per timed iteration (default: those of the recipe, fewer if images are large)',
      positive,
    )
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addHelpText('after', '\nExample:\n  $ resnet recipe cifar10 --explain --model resnet56')
    .action(async (name, options) => (await import('../actions/recipe')).recipe(name, options));
