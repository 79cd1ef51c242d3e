// Kills `resnet train` with SIGKILL at random steps, some of them while it validates, resumes it each time, and compares every byte
// that matters with an uninterrupted run: weights, momentum, statistics, averages, all other state, and the metric log.
//   node tools/torture/resume.js [--kills 20] [--workers 0,2] [--steps 120] [--seed 1] [--data PATH]
// On CIFAR-10 as JPEG files where ../shared/data has it, else on generated images.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeCheckpoint } from '@resnet/trainer';
import { leftovers, must, resnet, sha256, temporaryFolder } from './command.js';
import { randomFrom } from './random.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    workers: { type: 'string', default: '0,2' },
    steps: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string' },
  },
});

const VALIDATE_EVERY = 15;
const jpegs = fileURLToPath(new URL('../../../shared/data/cifar10-jpeg.tar.gz', import.meta.url));
const data = values.data ?? (existsSync(jpegs) ? jpegs : 'shapes10');
const random = randomFrom(Number(values.seed));
const root = temporaryFolder();

const flags = (directory, workers) => [
  'shapes10', '--data', data, '--model', 'resnet8', '--steps', values.steps, '--batch-size', '64', '--milestones', '60,90',
  '--validate-every', String(VALIDATE_EVERY), '--checkpoint-every', '4', '--hold-out', '500', '--workers', workers,
  '--set', 'ema=0.99', '--out', directory,
]; // biome-ignore format: a command line

/** Different steps in order, a third of them those after which a validation begins. */
function momentsOf(count) {
  const steps = Number(values.steps);
  const chosen = new Set();
  const validations = Math.min(Math.ceil(count / 3), Math.floor((steps - 1) / VALIDATE_EVERY));
  while (chosen.size < validations) chosen.add(VALIDATE_EVERY * Math.ceil((random() * (steps - 1)) / VALIDATE_EVERY));
  while (chosen.size < count) chosen.add(1 + Math.floor(random() * (steps - 1)));
  return [...chosen].sort((a, b) => a - b);
}

/** The last event that a run has logged. */
function lastEvent(directory) {
  const log = join(directory, 'events.jsonl');
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const last = lines.findLast((line) => line.endsWith('}'));
  return last ? JSON.parse(last) : { type: 'start', step: 0 };
}

/** Lets a run live up to a step and a few milliseconds more. Returns what it was doing. */
async function killedAt(directory, args, step) {
  const meanwhile = (child) => {
    const delay = random() * 20;
    const watch = setInterval(() => {
      const event = lastEvent(directory);
      // The log of the life before may already be there, up to less than this step.
      if (event.type === 'start' || event.step < step) return;
      clearInterval(watch);
      setTimeout(() => child.kill('SIGKILL'), delay);
    }, 3);
    child.on('close', () => clearInterval(watch));
  };
  const { code, signal, stderr } = await resnet(['train', ...args], { meanwhile });
  must(signal === 'SIGKILL', `a run must live until it is killed at step ${step}, got ${code}: ${stderr}`);
  const { type, step: last } = lastEvent(directory);
  const isValidating = type === 'step' && last % VALIDATE_EVERY === 0;
  return { last, during: isValidating ? 'validating' : type === 'evaluation' ? 'saving' : 'training' };
}

/** All tensors of a checkpoint and its state, without the seconds that an evaluation took. */
async function checkpointHash(file) {
  const { tensors, ...state } = await decodeCheckpoint(readFileSync(file));
  const hash = createHash('sha256');
  hash.update(JSON.stringify(state, (key, value) => (key === 'seconds' ? undefined : value)));
  for (const [name, { dtype, shape, data }] of tensors) {
    hash.update(JSON.stringify({ name, dtype, shape }));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return { tensors: tensors.size, sha256: hash.digest('hex') };
}

/** Weights, statistics, momentum and their average are in the last checkpoint; the metric log beside it. */
async function fingerprint(directory) {
  must(leftovers(directory).length === 0, `${directory}: left over ${leftovers(directory)}`);
  const checkpoints = readdirSync(join(directory, 'checkpoints')).sort();
  return {
    checkpoint: await checkpointHash(join(directory, 'checkpoints', checkpoints.at(-1))),
    // Without the last column, the times.
    metrics: readFileSync(join(directory, 'metrics.csv'), 'utf8').replaceAll(/,[^,\n]*$/gm, ''),
    weights: sha256(join(directory, 'weights.safetensors')),
  };
}

async function finish(args) {
  const { code, stderr } = await resnet(['train', ...args]);
  must(code === 0, `a run left alone must finish, got ${code}: ${stderr}`);
}

for (const workers of values.workers.split(',')) {
  const whole = join(root, `whole-${workers}`);
  await finish(flags(whole, workers));
  const expected = await fingerprint(whole);
  const broken = join(root, `broken-${workers}`);
  const lives = () => (existsSync(join(broken, 'recipe.json')) ? ['--resume', broken] : flags(broken, workers));
  const count = { training: 0, validating: 0, saving: 0 };
  const steps = [];
  for (const step of momentsOf(Number(values.kills))) {
    const { during, last } = await killedAt(broken, lives(), step);
    count[during] += 1;
    steps.push(last);
  }
  await finish(lives());
  const got = await fingerprint(broken);
  must(JSON.stringify(got) === JSON.stringify(expected), `${workers} workers: ${JSON.stringify({ expected, got })}`);
  console.log(
    `${workers} workers: ${steps.length} kills at steps ${steps.join(' ')} (${count.validating} while validating, ${count.saving} while saving); ` +
      `${got.checkpoint.tensors} tensors, state and metrics identical: checkpoint ${got.checkpoint.sha256.slice(0, 12)}…, ` +
      `${got.metrics.split('\n').length} rows of metrics, weights ${got.weights.slice(0, 12)}…`,
  );
}
