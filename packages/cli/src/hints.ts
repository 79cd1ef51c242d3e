/** What flags of other trainers are here. */
const hints: Readonly<Record<string, string>> = {
  '--lr': 'The first learning rate is --rate <number>.',
  '--learning-rate': 'The first learning rate is --rate <number>.',
  '--momentum': 'It is a setting of the recipe: --set momentum=<number>.',
  '--weight-decay': 'It is a setting of the recipe: --set weightDecay=<number>.',
  '--wd': 'It is a setting of the recipe: --set weightDecay=<number>.',
  '--scheduler': "It is a setting of the recipe: --set 'schedule={ kind: cosine, base: 0.1, min: 0, warmupSteps: 0 }'.",
  '--warmup': 'It is a setting of a cosine schedule: --set schedule.warmupSteps=<iterations>.',
  '--arch': 'The network is --model <name>.',
  '--dataset': 'The data set is --data <path>.',
  '--data-dir': 'The data set is --data <path>.',
  '--output': 'The run folder is --out <dir>.',
  '--output-dir': 'The run folder is --out <dir>.',
  '--save-dir': 'The run folder is --out <dir>.',
  '--device': 'Where it computes is --backend <name>.',
  '--gpu': 'Where it computes is --backend <name>: tensorflow or webgpu.',
  '--num-workers': 'Threads that make batches are --workers <n>.',
  '--checkpoint': 'Going on with a run is --resume <dir>; weights of a file are --weights <file>.',
};

/** What to type in place of the unknown option that a message of commander names; null where nothing is known of it. */
export function hintFor(message: string): string | null {
  const option = /unknown option '(--[a-z-]+)/.exec(message)?.[1];
  return option !== undefined && Object.hasOwn(hints, option) ? hints[option]! : null;
}
