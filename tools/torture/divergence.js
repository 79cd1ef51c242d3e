// Breaks training with rates that make weights NaN or infinite at a random step, on the backends that everybody has. The run must stop
// within a step, nothing that is not finite may be stored, and a run told to go back does so three times at most.
//   node tools/torture/divergence.js [--times 20] [--seed 1]
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { useBackend } from '@resnet/backend';
import { batches, shapes10 } from '@resnet/data';
import { createModel } from '@resnet/models';
import { DivergenceError, decodeCheckpoint, failOnDivergence, memoryCheckpoints, sgd, train } from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';
import { lastValueFrom, tap } from 'rxjs';
import { must, resnet, smallRun, temporaryFolder } from './command.js';
import { randomFrom } from './random.js';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
const random = randomFrom(Number(values.seed));
const data = shapes10({ length: 64 });
const poisons = [Number.MAX_VALUE, 3e38, 1e38, 1e35, 1e30];

/** Trains until it is stopped; `poisoned` is the first step that is taken from weights which are not finite. */
async function stopped(rate, step, batchSize) {
  const store = memoryCheckpoints({ keep: 100 });
  let last = 0;
  const run = train({
    model: createModel('resnet8', { seed: 0 }),
    batches: (epoch, firstBatch) => batches(data, { batchSize, epoch, firstBatch }),
    optimizer: sgd(),
    schedule: (at) => (at === step - 1 ? rate : 0.01),
    steps: step + 20,
    checkpoints: { store, every: 1 + Math.floor(random() * 4) },
    policies: [failOnDivergence()],
  }).pipe(
    tap((event) => {
      if (event.type === 'step') last = event.step;
    }),
  );
  const error = await lastValueFrom(run).catch((error) => error);
  return { error, last, store };
}

async function mustBeFinite(store) {
  const names = await store.list();
  for (const name of names) {
    const { tensors } = await decodeCheckpoint(await store.read(name));
    for (const [tensor, { data }] of tensors)
      must(data.every(Number.isFinite), `${tensor} of checkpoint ${name} is not finite`);
  }
  return names.length;
}

async function poisoned(backend, times) {
  await useBackend(backend);
  const late = { 0: 0, 1: 0 };
  for (let i = 0; i < times; i++) {
    const step = 1 + Math.floor(random() * 8);
    const rate = poisons[i % poisons.length];
    const { error, last, store } = await stopped(rate, step, backend === 'cpu' ? 1 : 8);
    must(error instanceof DivergenceError, `${backend}: rate ${rate} at step ${step} must be noticed, got ${error}`);
    // The step itself is sound: its loss was taken before the update. 1e30 leaves weights that one more step makes infinite.
    const after = last - step;
    must(after <= 1, `${backend}: rate ${rate} at step ${step} was noticed ${after} steps later`);
    late[after] += 1;
    await mustBeFinite(store);
  }
  return `${backend}: ${times} poisoned steps, ${late[0]} stopped by the next step, ${late[1]} a step later, no checkpoint with a value that is not finite`;
}

/** The command, whose default is to stop. */
async function command() {
  const root = temporaryFolder();
  const run = async (name, ...flags) => {
    const directory = join(root, name);
    const ended = await resnet(
      smallRun(directory, '--rate', '1e30', '--steps', '20', '--checkpoint-every', '1', ...flags),
    );
    must(ended.code === 1, `${name} must end with 1, got ${ended.code}: ${ended.stderr}`);
    must(/must stay finite.*Try a lower rate/.test(ended.stderr), `${name} must be told, got ${ended.stderr}`);
    for (const file of ['result.json', 'weights.safetensors'])
      must(!existsSync(join(directory, file)), `${name} left a ${file}`);
    await mustBeFinite(fileCheckpoints(join(directory, 'checkpoints')));
    return readFileSync(join(directory, 'events.jsonl'), 'utf8').match(/Going back/g)?.length ?? 0;
  };
  must((await run('stop')) === 0, 'a run that was not told to go back must not');
  const back = await run('rollback', '--on-divergence', 'rollback');
  must(back <= 3, `a run must go back three times at most, went ${back}`);
  return `resnet train --rate 1e30: stopped, told, nothing stored; with --on-divergence rollback back ${back} times, then stopped`;
}

const times = Number(values.times);
console.log(await poisoned('simd', times));
console.log(await poisoned('cpu', Math.ceil(times / 10)));
console.log(await command());
process.exit();
