// §4.2 of the paper: plain and residual nets on CIFAR-10, resumable; then a table beside the paper's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { download } from '@resnet/data';
import { loadRecipe, withChanges } from '@resnet/experiments';
import { compare, end, fromUser, optionsOf, trainOnce } from './run.js';

const usage = `npm run reproduce -- --data PATH | --download
  --models LIST   default plain20,resnet20,resnet32,resnet44,resnet56,resnet110
  --seeds LIST    default 0
  --steps N       default 64000; the rate is cut after a half and three quarters of them, as in the paper
  --hold-out N    training images kept aside for validation curves; default 0, the paper's final training
  --out DIR       default results/reproduction-N, by the number of iterations`;

const values = optionsOf(usage, {
  data: { type: 'string' },
  download: { type: 'boolean', default: false },
  models: { type: 'string', default: 'plain20,resnet20,resnet32,resnet44,resnet56,resnet110' },
  seeds: { type: 'string', default: '0' },
  steps: { type: 'string', default: '64000' },
  'hold-out': { type: 'string', default: '0' },
  out: { type: 'string' },
});

if (values.download === (values.data !== undefined)) end(usage);
if (values.download) await download('cifar10');

const given = values.data ?? 'cifar10';
const data = existsSync(fromUser(given)) ? fromUser(given) : given;
const steps = Number(values.steps);
const out =
  values.out === undefined ? join(import.meta.dirname, `results/reproduction-${steps}`) : fromUser(values.out);
const holdOut = Number(values['hold-out']);
const changes = {
  data,
  steps,
  holdOut,
  schedule: { milestones: [Math.round(steps / 2), Math.round((steps * 3) / 4)] },
  validateEvery: holdOut > 0 ? Math.max(1, Math.round(steps / 40)) : 0,
};
const directories = [];

for (const name of values.models.split(',')) {
  // §4.2: ResNet-110 warms up at 0.01.
  const protocol = loadRecipe(/110$/.test(name) ? 'cifar10-110' : 'cifar10');
  for (const seed of values.seeds.split(',').map(Number)) {
    const directory = join(out, `${name}-${seed}`);
    directories.push(directory);
    await trainOnce(withChanges(protocol, { ...changes, model: { name }, seed }), directory);
  }
}
await compare(directories, out);
