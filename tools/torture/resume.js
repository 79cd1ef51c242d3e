// Kills training with SIGKILL at random moments, resumes it, and compares every byte that matters with an uninterrupted run.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decode } from '@resnet/trainer';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    workers: { type: 'string', default: '0,2' },
    steps: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
  },
});

/** mulberry32: the moments of the kills can be repeated. */
const random = ((state) => () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
})(Number(values.seed));

const command = new URL('../../packages/cli/bin/resnet.js', import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), 'resnet-torture-'));

const flags = (directory, workers) => [
  'shapes10', '--model', 'resnet8', '--steps', values.steps, '--batch', '64', '--milestones', '60,90', '--validate-every', '15',
  '--checkpoint-every', '4', '--hold-out', '500', '--workers', workers, '--set', 'ema=0.99', '--out', directory,
]; // biome-ignore format: a command line

/** Runs `resnet train`; kills it once `until` says so. */
const run = (args, until) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, 'train', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const timer = until && setTimeout(() => child.kill('SIGKILL'), until);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve('finished');
      else if (signal === 'SIGKILL') resolve('killed');
      else reject(new Error(`resnet train ${args.join(' ')} ended with ${code}:\n${said}`));
    });
  });

const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** All tensors of a checkpoint and its state, without the seconds that an evaluation took. */
async function checkpointHash(file) {
  const { tensors, ...state } = await decode(readFileSync(file));
  const hash = createHash('sha256');
  hash.update(JSON.stringify(state, (key, value) => (key === 'seconds' ? undefined : value)));
  for (const [name, { dtype, shape, data }] of tensors) {
    hash.update(JSON.stringify({ name, dtype, shape }));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return { tensors: tensors.size, sha256: hash.digest('hex') };
}

/** Weights, statistics, momentum and their average are in the last checkpoint; the metric log beside it. */
const fingerprint = async (directory) => {
  const checkpoints = readdirSync(join(directory, 'checkpoints')).sort();
  if (checkpoints.some((name) => name.endsWith('.tmp')))
    throw new Error(`${directory}: a temporary file was left behind.`);
  return {
    checkpoint: await checkpointHash(join(directory, 'checkpoints', checkpoints.at(-1))),
    metrics: sha256(join(directory, 'metrics.csv')),
    weights: sha256(join(directory, 'weights.safetensors')),
  };
};

let failed = 0;
for (const workers of values.workers.split(',')) {
  const whole = join(root, `whole-${workers}`);
  const start = performance.now();
  await run(flags(whole, workers));
  const duration = performance.now() - start;
  const expected = await fingerprint(whole);
  const broken = join(root, `broken-${workers}`);
  let kills = 0;
  for (;;) {
    const args = existsSync(join(broken, 'recipe.json')) ? ['--resume', broken] : flags(broken, workers);
    // Each life is long enough to start up and to get a few steps further, and ends anywhere.
    const until = kills < Number(values.kills) ? duration * (0.15 + 0.25 * random()) : undefined;
    if ((await run(args, until)) === 'finished') break;
    kills++;
  }
  const got = await fingerprint(broken);
  const same = JSON.stringify(got) === JSON.stringify(expected);
  console.log(
    `${workers} workers, ${kills} kills: ${same ? 'identical' : 'DIFFERENT'} ${JSON.stringify(same ? got : { expected, got })}`,
  );
  if (!same || kills === 0) failed++;
}
rmSync(root, { recursive: true });
process.exitCode = failed ? 1 : 0;
