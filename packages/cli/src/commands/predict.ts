import { Command } from 'commander';
import { withNetwork } from './network-options';
import { ofWeights, positive, triple } from './options';

/** `resnet predict`: classes of images. */
export const predict = (): Command =>
  withNetwork(new Command('predict'))
    .description('Print the most probable classes of images.')
    .argument('<image...>', 'image files, folders of them, patterns; - for an image or names on standard input')
    .option('--top <k>', 'number of classes to print', positive, 5)
    .addOption(ofWeights('--image-size <pixels>', 'side of the crop').argParser(positive))
    .addOption(ofWeights('--mean <r,g,b>', 'channel means on [0, 1]').argParser(triple))
    .addOption(ofWeights('--std <r,g,b>', 'channel standard deviations on [0, 1]').argParser(triple))
    .option('--classes <list>', 'names of the classes, for example cat,dog', (value: string) => value.split(','))
    .option('--csv <file>', 'write a table: image, class, probability, …')
    .option('--json', 'print one JSON object per image, one per line')
    .addHelpText(
      'after',
      '\nExamples:\n  $ resnet predict new-photos/ --run runs/photos-resnet18-0 --csv answers.csv\n  $ resnet predict photo.jpg --run runs/cifar10-resnet20-0 --top 3',
    )
    .action(async (images, options) => (await import('../actions/predict')).predict(images, options));
