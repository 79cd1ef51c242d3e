import { Command } from 'commander';
import {
  formerly,
  fraction,
  modelOptions,
  natural,
  naturals,
  positive,
  rate,
  recipeArgument,
  shared,
  withOptions,
} from './options';

/** `resnet train`: trains by a recipe. */
export const train = (): Command =>
  withOptions(new Command('train'), modelOptions())
    .description('Train a network by a recipe, in a run folder that can be resumed at any time.')
    .argument('[recipe]', `${recipeArgument}; or a folder or archive of images to fine-tune on`)
    .option('--weights <source>', 'start from a weight file, a run folder, or a name that `resnet weights` lists')
    .option(
      '--freeze <part>',
      'do not train this part and all before it: none, stem, stage1, stage2, stage3, stage4 or body',
    )
    .option('--head-rate <factor>', 'learning rate of the head, as a multiple of that of the other layers', rate)
    .option('--model <name>', 'network, for example resnet20 or plain56')
    .option('--data <path>', 'archive or folder of images, or shapes10')
    .option('--epochs <n>', 'passes over the training images, in place of --steps', rate)
    .option('--steps <n>', 'iterations', positive)
    .option('--milestones <list>', 'iterations at which the rate is divided by 10, for example 32000,48000', naturals)
    .addOption(shared.batchSize())
    .addOption(shared.formerBatch())
    .option('--optimizer <name>', 'optimizer: sgd or adamw')
    .option('--rate <number>', 'first learning rate', rate)
    .option('--seed <n>', 'seed of weights, order and augmentation', natural)
    .option('--augment <name>', 'cifar, cifar-color, imagenet, none, or file.js#export')
    .option('--hold-out <images>', 'training images kept aside for validation', natural)
    .option('--validation <share>', 'the same as a share, as 0.2, where the data has no val folder', fraction)
    .option('--validate-every <n>', 'iterations between validations; 0 for none', natural)
    .option('--watch-layers <n>', "iterations between measurements of the layers' gradients and responses", natural)
    .option('--checkpoint-every <n>', 'iterations between checkpoints', natural)
    .option('--patience <n>', 'stop after this many validations in a row without a lower error', positive)
    .option('--on-divergence <policy>', 'when the loss is not finite: stop or rollback')
    .addOption(formerly('--on-nan <policy>', 'onDivergence'))
    .option('--on-broken-image <policy>', 'when an image cannot be decoded: stop or skip (default: stop)')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .option('--workers <n>', 'threads that make batches (default: the cores that do not compute)', natural)
    .addOption(shared.set())
    .option('--out <dir>', 'run folder (default: runs/<recipe>-<model>-<seed>)')
    .option(
      '--resume <dir>',
      'resume a run; only --backend, --software, --threads, --workers, --on-broken-image and the path in --data may change',
    )
    .option('--dry-run', 'print the resolved recipe and write nothing')
    .option('--overfit <n>', 'train on n images only, without augmentation: the error must reach 0', positive)
    .option('--dashboard', 'show the run on a page while it trains, as resnet dashboard does')
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExamples:\n  $ resnet train photos/ --weights resnet18\n  $ resnet train cifar10 --model resnet20 --data cifar10.tar.gz --steps 2000 --milestones 1000,1500 --seed 0',
    )
    .action(async (recipe, options) => (await import('../actions/train')).train(recipe, options));
