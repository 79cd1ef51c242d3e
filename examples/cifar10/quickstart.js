// ResNet-20 beside its plain counterpart on generated images: no data set, no download, a few minutes.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resnet, trainOnce } from './resnet.js';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '300' },
    batch: { type: 'string', default: '128' },
    out: { type: 'string', default: 'results/quickstart' },
  },
});

const steps = Number(values.steps);
const milestones = [Math.round((steps * 2) / 3), Math.round((steps * 5) / 6)].join(',');
const runs = ['plain20', 'resnet20'].map((model) => ({ model, directory: join(values.out, model) }));

for (const { model, directory } of runs) {
  await trainOnce(directory, 'shapes10', '--model', model, '--steps', steps, '--milestones', milestones,
    '--batch', values.batch, '--validate-every', Math.max(1, Math.round(steps / 5))); // biome-ignore format: a command line
}
await resnet('compare', ...runs.map(({ directory }) => directory), '--out', values.out);

console.log(`
The runs, their curves (curves.svg, curves.png) and the table lie in ${join(import.meta.dirname, values.out)}.

Next, the real thing on CIFAR-10:
  npm run reproduce -- --download --models resnet20 --steps 2000     (about ten minutes)
  npm run reproduce -- --download                                    (the paper's protocol: 64,000 iterations a net)`);
