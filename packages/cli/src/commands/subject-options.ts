import { type Command, Option } from 'commander';
import { shared } from './options';

/** The options that name a trained network. */
export const withSubject = (command: Command): Command =>
  command
    .addOption(
      new Option('--run <dir>', 'a finished run').conflicts([
        'model',
        'weights',
        'shortcut',
        'pad',
        'block',
        'variant',
      ]),
    )
    .option('--model <name>', 'which network, as resnet20; with --weights')
    .option('--weights <file>', 'safetensors, or PyTorch .pth/.th')
    .addOption(shared.shortcut())
    .addOption(shared.pad())
    .addOption(shared.block())
    .addOption(
      new Option('--variant <name>', "a bottleneck's stride: v1.5 in the 3×3, paper in the 1×1").choices([
        'v1.5',
        'paper',
      ]),
    )
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads());
