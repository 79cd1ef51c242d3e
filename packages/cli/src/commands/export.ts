import { Command, Option } from 'commander';
import { withNetwork } from './network-options';
import { positive, shared } from './options';

/** `resnet export`: a trained network for other programs. `export` is a word of the language. */
export const exportModel = (): Command =>
  withNetwork(new Command('export'))
    .description('Write a trained network for other programs.')
    .addOption(
      new Option('--format <name>', 'onnx; safetensors with torchvision names; tfjs: model.json of built-in layers')
        .choices(['onnx', 'safetensors', 'tfjs'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'a file; for tfjs a folder')
    .option('--image-size <pixels>', "side of the images it will take (default: the run's)", positive)
    .option('--fold', 'tfjs: batch normalization multiplied into the convolutions')
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet export --run runs/cifar10-resnet20-0 --format onnx --out resnet20.onnx',
    )
    .action(async (options) => (await import('../actions/export')).exportModel(options));
