import { type Command, Option } from 'commander';
import { modelOptions, ofWeights, shared, withOptions } from './options';

/** Adds the options that name a trained network: a run, or a model with its weights. */
export function withNetwork(command: Command): Command {
  const ofModel = modelOptions();
  const others = ['model', 'weights', ...ofModel.map((option) => option.attributeName())];
  const named = command
    .addOption(new Option('--run <dir>', 'a finished run').conflicts(others))
    .option(
      '--weights <source>',
      'a file (safetensors, PyTorch .pth/.th), a run folder, or a name that `resnet weights` lists',
    )
    .option('--model <name>', 'which network, as resnet20, where the weights do not tell')
    .addOption(ofWeights('--key <path>', 'which weights of a checkpoint that holds several, as state_dict_ema'));
  return withOptions(named, [...ofModel, shared.backend(), shared.software(), shared.threads()]);
}
