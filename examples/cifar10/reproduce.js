// §4.2 of the paper: plain and residual nets on CIFAR-10, resumable; then a table beside the paper's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { end, fromUser, optionsOf, resnet, trainOnce } from './resnet.js';

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
if (values.download) await resnet('data', 'download', 'cifar10');

const given = values.data ?? 'cifar10';
const data = existsSync(fromUser(given)) ? fromUser(given) : given;
const steps = Number(values.steps);
const out =
  values.out === undefined ? join(import.meta.dirname, `results/reproduction-${steps}`) : fromUser(values.out);
const milestones = [Math.round(steps / 2), Math.round((steps * 3) / 4)].join(',');
const holdOut = Number(values['hold-out']);
const validation = holdOut > 0 ? ['--hold-out', holdOut, '--validate-every', Math.max(1, Math.round(steps / 40))] : [];
const directories = [];

for (const model of values.models.split(',')) {
  const recipe = /110$/.test(model) ? 'cifar10-110' : 'cifar10';
  for (const seed of values.seeds.split(',')) {
    const directory = join(out, `${model}-${seed}`);
    directories.push(directory);
    await trainOnce(directory, recipe, '--model', model, '--data', data, '--seed', seed, '--steps', steps,
      '--milestones', milestones, ...validation); // biome-ignore format: a command line
  }
}
await resnet('compare', ...directories, '--out', out);
