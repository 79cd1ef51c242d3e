import { Command, Option } from 'commander';
import { formerly, fraction, modelOptions, natural, naturals, positive, rate, shared, withOptions } from './options';

/** `resnet train`: a run from a recipe. */
export const train = (): Command =>
  withOptions(new Command('train'), modelOptions())
    .description('Train a network as a recipe says, in a run folder that can be resumed at any time.')
    .argument(
      '[recipe]',
      'cifar10, cifar10-110, finetune, imagenet, imagenet-deck, shapes10, a YAML/JSON file; or a folder or archive of images, to finetune on',
    )
    .option('--weights <source>', 'start from a weight file, a run folder, or a name that `resnet weights` lists')
    .addOption(
      new Option('--freeze <part>', 'keep this part of the network, and all before it, as it is').choices([
        'none',
        'stem',
        'stage1',
        'stage2',
        'stage3',
        'stage4',
        'body',
      ]),
    )
    .option('--head-rate <factor>', "the head's learning rate, as a multiple of the others'", rate)
    .option('--model <name>', 'which network, as resnet20 or plain56')
    .option('--data <path>', 'archive or folder of images, or shapes10')
    .option('--epochs <n>', 'passes over the training images, in place of --steps', rate)
    .option('--steps <n>', 'iterations', positive)
    .option('--milestones <list>', 'iterations at which the rate is cut, as 32000,48000', naturals)
    .addOption(shared.batchSize())
    .addOption(shared.formerBatch())
    .addOption(new Option('--optimizer <name>', 'how gradients become updates').choices(['sgd', 'adamw']))
    .option('--rate <number>', 'first learning rate', rate)
    .option('--seed <n>', 'of weights, order and augmentation', natural)
    .option('--augment <name>', 'cifar, cifar-color, imagenet, none, or file.js#export')
    .option('--hold-out <images>', 'training images kept aside for validation', natural)
    .option('--validation <share>', 'the same as a share, as 0.2, where the data has no val folder', fraction)
    .option('--validate-every <n>', 'iterations between validations; 0 for none', natural)
    .option('--watch-layers <n>', "iterations between measurements of the layers' gradients and responses", natural)
    .option('--checkpoint-every <n>', 'iterations between checkpoints', natural)
    .option('--patience <n>', 'validations without a lower error before the run stops early', positive)
    .addOption(new Option('--on-divergence <policy>', 'when the loss is not finite').choices(['stop', 'rollback']))
    .addOption(formerly('--on-nan <policy>', 'onDivergence').choices(['stop', 'rollback']))
    .addOption(
      new Option('--on-broken-image <policy>', 'when an image cannot be decoded (default: stop)').choices([
        'stop',
        'skip',
      ]),
    )
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .option(
      '--workers <n>',
      'threads that make batches; default: those the machine has beside the compute threads',
      natural,
    )
    .addOption(shared.set())
    .option('--out <dir>', 'run folder (default: runs/<recipe>-<model>-<seed>)')
    .option(
      '--resume <dir>',
      'go on with a run; only --backend, --software, --threads, --workers, --on-broken-image and the place of --data may change',
    )
    .option('--dry-run', 'print the resolved recipe and write nothing')
    .option('--overfit <n>', 'train on n images alone, without augmentation: the error must reach 0', positive)
    .option('--dashboard', 'follow the run in a page, as resnet dashboard does')
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExamples:\n  $ resnet train photos/ --weights resnet18\n  $ resnet train cifar10 --model resnet20 --data cifar10.tar.gz --steps 2000 --milestones 1000,1500 --seed 0',
    )
    .action(async (recipe, options) => (await import('../actions/train')).train(recipe, options));
