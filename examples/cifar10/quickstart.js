// ResNet-20 beside its plain counterpart on generated images: no data set, no download, a few minutes.
import { join } from 'node:path';
import { loadRecipe, withChanges } from '@resnet/experiments';
import { compare, fromUser, optionsOf, trainOnce } from './run.js';

const values = optionsOf('npm run quickstart -- [--steps N] [--batch N] [--out DIR]', {
  steps: { type: 'string', default: '300' },
  batch: { type: 'string', default: '128' },
  out: { type: 'string' },
});

const out = values.out === undefined ? join(import.meta.dirname, 'results/quickstart') : fromUser(values.out);
const steps = Number(values.steps);
const recipe = withChanges(loadRecipe('shapes10'), {
  steps,
  batchSize: Number(values.batch),
  validateEvery: Math.max(1, Math.round(steps / 5)),
  schedule: { milestones: [Math.round((steps * 2) / 3), Math.round((steps * 5) / 6)] },
});
const names = ['plain20', 'resnet20'];

for (const name of names) await trainOnce(withChanges(recipe, { model: { name } }), join(out, name));
await compare(
  names.map((name) => join(out, name)),
  out,
);

console.log(`
The runs, the table with its verdict (report.html) and the curves (curves.svg, curves.png) lie in ${out}.

Next, the real thing on CIFAR-10:
  npm run reproduce -- --download --models resnet20 --steps 2000     (a short protocol)
  npm run reproduce -- --download                                    (the paper's: 64,000 iterations a net)`);
