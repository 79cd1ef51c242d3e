import { Command } from 'commander';
import { natural, positive, rate, shared } from './options';

/** `resnet lr-find`: which learning rate to start with. */
export const lrFind = (): Command =>
  new Command('lr-find')
    .description('Raise the learning rate step by step and suggest one; nothing is kept of the training.')
    .argument('<recipe>', 'cifar10, shapes10, … or a YAML/JSON file')
    .option('--model <name>', 'which network')
    .option('--shortcut <kind>', 'A, B, C or none')
    .option('--data <path>', 'archive or folder of images, or shapes10')
    .addOption(shared.batchSize())
    .addOption(shared.formerBatch())
    .option('--seed <n>', 'of weights, order and augmentation', natural)
    .option('--steps <n>', 'from the first rate to the last', positive, 100)
    .option('--from <rate>', 'first rate', rate, 1e-6)
    .option('--to <rate>', 'last rate', rate, 10)
    .option('--plot <file>', 'write the curve as SVG, or PNG by its ending')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addOption(shared.set())
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet lr-find shapes10 --model resnet20 --plot rates.svg')
    .action(async (recipe, options) => (await import('../actions/lr-find')).lrFind(recipe, options));
