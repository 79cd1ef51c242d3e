// Breaks `resnet train` at every call that it makes to its run folder, checkpoints, logs and lock, in turn: the call fails with EIO, with
// ENOSPC, or the process is killed in the middle of it. Whatever happens, the run resumes to the very weights of one that nothing
// happened to.
//   node tools/torture/faults.js [--every 1]
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { life, must, mustResumeTo, resnetPath, smallRun, temporaryFolder, undisturbed, wholeStep } from './command.js';
import { writeImages } from './images.js';

const { values } = parseArgs({ options: { every: { type: 'string', default: '1' } } });
const inject = fileURLToPath(new URL('./inject.js', import.meta.url));
const root = temporaryFolder();
const images = join(root, 'images');
writeImages(images, { count: 60, sizes: [32] });
// Few images, so that starting takes most of a run's time. The third checkpoint makes the first superfluous.
const recipe = [
  '--data',
  images,
  '--batch',
  '8',
  '--steps',
  '3',
  '--milestones',
  '2',
  '--checkpoint-every',
  '1',
  '--threads',
  '1',
];
const weights = await undisturbed(...recipe);

/** A run with a fault at call `at`. */
const broken = (directory, at, code) =>
  life([process.execPath, '--import', inject, resnetPath, ...smallRun(directory, ...recipe)], {
    env: { RESNET_FAULT: `${directory}:${at}:${code}` },
  });

/** How many calls a run makes that nothing happens to. */
function calls() {
  const directory = join(root, 'counted');
  const child = spawn(process.execPath, ['--import', inject, resnetPath, ...smallRun(directory, ...recipe)], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, RESNET_FAULT: `${directory}:0:none` },
  });
  let said = '';
  child.stdio[3].on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve) => child.on('close', () => resolve(Number(said))));
}

/** Makes lock files old: an empty one, whose writer was killed before it could fill it, counts as just being written for ten seconds. */
function settle(directory) {
  for (const name of readdirSync(directory)) if (name.startsWith('lock.')) utimesSync(join(directory, name), 0, 0);
}

/** What must hold after a fault. Returns how the run ended. */
async function survived(at, code) {
  const directory = join(root, `${code}-${at}`);
  const ended = await broken(directory, at, code);
  const where = `${code} at call ${at}`;
  must(ended.stderr.includes(`fault: ${code}`), `${where} never came: ${ended.stderr}`);
  if (code === 'kill') must(ended.signal === 'SIGKILL', `${where} must kill, got ${ended.code}`);
  else {
    must(
      ended.code === 0 || ended.code === 1 || ended.code === 2,
      `${where} must be told, got ${ended.code ?? ended.signal}`,
    );
    must(!/^ +at .*:\d+:\d+/m.test(ended.stderr), `${where} must be told in words, got a stack: ${ended.stderr}`);
    // A lock that stays names a process that is gone: the next start takes it over.
    const isRelease = /fault: .* at unlink .*lock/.test(ended.stderr);
    must(isRelease || ended.stderr.split(code).length > 2, `${where} must be told, got: ${ended.stderr}`);
  }
  // Before its recipe is there a run does not exist, and is begun anew.
  if (existsSync(join(directory, 'recipe.json'))) {
    await wholeStep(directory);
    settle(directory);
    await mustResumeTo(directory, weights);
  } else must(!existsSync(directory), `${where} left half a run folder`);
  rmSync(directory, { recursive: true, force: true });
  return ended.code === 0 ? 'warned' : 'ended';
}

const total = await calls();
must(total > 20, `a run must make its calls, got ${total}`);
const count = { kill: 0, EIO: 0, ENOSPC: 0, warned: 0, ended: 0 };
const cases = Array.from(
  { length: Math.ceil(total / Number(values.every)) },
  (_, i) => 1 + i * Number(values.every),
).flatMap((at) => ['kill', 'EIO', 'ENOSPC'].map((code) => ({ at, code })));

/** Takes cases until there are none. */
async function lane() {
  for (let next = cases.shift(); next; next = cases.shift()) {
    const how = await survived(next.at, next.code);
    count[next.code] += 1;
    if (next.code !== 'kill') count[how] += 1;
  }
}

await Promise.all([lane(), lane()]);
console.log(
  `${total} calls a run; ${count.kill} kills, ${count.EIO} EIO, ${count.ENOSPC} ENOSPC (${count.warned} survived, ${count.ended} ended the run in words), ` +
    'every run resumed to the undisturbed weights, nothing left over',
);
