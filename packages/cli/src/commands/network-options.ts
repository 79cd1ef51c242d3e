import { type Command, Option } from 'commander';
import { modelOptions, ofWeights, shared, withOptions } from './options';

/** Adds the options that name a trained network: a run, or a model with a weight file. */
export function withNetwork(command: Command): Command {
  const ofModel = modelOptions();
  const others = ['model', 'weights', ...ofModel.map((option) => option.attributeName())];
  const named = command
    .addOption(new Option('--run <dir>', 'folder of a finished run').conflicts(others))
    .option(
      '--weights <source>',
      'weight file (safetensors, PyTorch .pth/.th), run folder, or a name that `resnet weights` lists',
    )
    .option('--model <name>', 'network, for example resnet20; needed if the weights do not tell it')
    .addOption(ofWeights('--key <path>', 'weights to use of a checkpoint with several, for example state_dict_ema'));
  return withOptions(named, [...ofModel, shared.backend(), shared.software(), shared.threads()]);
}
