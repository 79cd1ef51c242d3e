import { Command } from 'commander';
import { modelOptions, shared, withOptions } from './options';

/** `resnet summary`: layers, parameters and cost of a model. */
export const summary = (): Command =>
  withOptions(new Command('summary'), modelOptions())
    .description("Count a model's parameters and multiply-adds, layer by layer, for one image.")
    .argument('<model>', 'resnet or plain and a depth, for example resnet20 or plain34')
    .option('--classes <count>', 'number of classes')
    .option('--input-shape <h,w,c>', 'height, width and channels of an image')
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet summary resnet50 --shortcut A --input-shape 224,224,3')
    .action(async (model, options) => (await import('../actions/summary')).printSummary(model, options));
