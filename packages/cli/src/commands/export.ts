import { Command, Option } from 'commander';
import { withNetwork } from './network-options';
import { exportFormats, positive, shared } from './options';

/** `resnet export`: a trained network for other programs. */
export const exportModel = (): Command =>
  withNetwork(new Command('export'))
    .description('Write a trained network to a file that other programs read.')
    .addOption(
      new Option('--format <name>', 'onnx; safetensors with torchvision names; tfjs: model.json of built-in layers')
        .choices(exportFormats)
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'file to write; for tfjs a folder')
    .option('--image-size <pixels>', "side of the images that the network will take (default: the run's)", positive)
    .option('--fold', 'tfjs: fold batch normalization into the convolutions')
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet export --run runs/cifar10-resnet20-0 --format onnx --out resnet20.onnx',
    )
    .action(async (options) => (await import('../actions/export')).exportModel(options));
