import { Command } from 'commander';

/** `resnet summary`: what a model is made of, and what it costs. */
export const summary = (): Command =>
  new Command('summary')
    .description("Count a model's parameters and multiply-adds, layer by layer, for one image.")
    .argument('<model>', 'resnet or plain and a depth, such as resnet20 or plain34')
    .option('--shortcut <option>', 'A, B or C')
    .option('--pad <where>', "end or split: where option A's zero channels go")
    .option('--block <kind>', 'basic, bottleneck or preact')
    .option('--stride-in <kernel>', 'which convolution of a bottleneck has the stride: 3x3 or 1x1')
    .option('--classes <count>', 'number of classes')
    .option('--input-shape <h,w,c>', 'height, width and channels of an image')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ resnet summary resnet50 --shortcut A --input-shape 224,224,3')
    .action(async (model, options) => (await import('../actions/summary')).printSummary(model, options));
