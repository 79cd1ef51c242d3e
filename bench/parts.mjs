const cli = 'packages/cli/bin/resnet.js';
const wall =
  (name) =>
  ({ seconds }) => ({ [name]: seconds });
const printed = ({ stdout }) => JSON.parse(stdout);

/** A whole step as `resnet bench` measures it. */
const step = (name, ...options) => ({
  name: 'step',
  command: [cli, 'bench', '--backend', 'simd', '--steps', '10', '--json', ...options],
  figures: (run) => ({ [name]: printed(run).secondsPerStep.median }),
});

/**
 * What `npm run bench` measures, in this order. `figures` turns one run (`seconds` of the whole process, its `stdout`) into seconds
 * by name. The yardstick is no code of ours: when it moves, the machine did.
 */
export const parts = [
  { name: 'yardstick', command: ['bench/yardstick.mjs'], figures: printed },
  { name: 'start-up', command: [cli, '--help'], figures: wall('start-up: resnet --help') },
  {
    name: 'start-up',
    command: ['bench/start-backend.mjs'],
    figures: wall('start-up: a process with the simd backend'),
  },
  { name: 'data', command: ['bench/data.mjs'], figures: printed },
  { name: 'kernels', command: ['bench/kernels.mjs'], figures: printed },
  step('step: resnet20 training, batch 128', '--model', 'resnet20'),
  step('step: resnet20 inference, batch 500', '--model', 'resnet20', '--inference', '--batch', '500'),
];
