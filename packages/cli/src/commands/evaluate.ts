import { Command, Option } from 'commander';
import { withNetwork } from './network-options';
import { naturals, ofWeights, positive, shared, triple } from './options';

/** `resnet evaluate`: accuracy and loss of a trained network on a data set. */
export const evaluate = (): Command =>
  withNetwork(new Command('evaluate'))
    .description('Measure a trained network: top-1, top-5 and loss on a single view, ten crops or several scales.')
    .option('--data <path>', "archive or folder of images (default: the run's)")
    .option('--split <name>', 'train, test or val (default: test, or val where there is no test)')
    .option('--mean <r,g,b>', 'channel means on [0, 1]', triple)
    .option('--std <r,g,b>', 'channel standard deviations on [0, 1]', triple)
    .option('--per-pixel-mean', "subtract the training images' mean image")
    .addOption(ofWeights('--image-size <pixels>', 'side of the crop').argParser(positive))
    .addOption(new Option('--crops <n>', "views per image (default: the run's, or 1)").choices(['1', '10']))
    .addOption(
      new Option(
        '--scales <list>',
        'evaluate fully convolutionally at these shorter sides, for example 224,256,384,480,640',
      )
        .argParser(naturals)
        .conflicts('crops'),
    )
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet evaluate --model resnet20 --pad split --weights resnet20.th --data cifar10.tar.gz --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --json',
    )
    .action(async (options) => (await import('../actions/evaluate')).evaluate(options));
