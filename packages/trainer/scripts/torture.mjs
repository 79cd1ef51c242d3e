// Ends runs in every bad way and looks at what is left.
//   npm run torture -w packages/trainer -- [kills] [signals] [locks] [disk] [seed=1] [n=…]
// By default everything: 200 × kill -9, 50 × SIGINT or SIGTERM and as many second ones, 100 × four processes on one folder,
// files that may not grow and folders that cannot be written.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newestCheckpoint } from '@resnet/trainer';
import { fileCheckpoints, readRun } from '@resnet/trainer/node';
import { randomFrom } from '../../../tools/torture/random.js';

const script = fileURLToPath(new URL('./torture-run.mjs', import.meta.url));
const chosen = process.argv.slice(2).filter((word) => !word.includes('='));
const setting = (name) => process.argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
const times = setting('n') && Number(setting('n'));
const random = randomFrom(Number(setting('seed') ?? 1));
const parent = mkdtempSync(join(tmpdir(), 'torture-'));

function must(holds, what) {
  if (!holds) throw new Error(`torture: ${what}`);
}

/** Starts a run; `hear` gets every line that it prints. */
function life(folder, { pace = 0, limit, hear = () => {} } = {}) {
  const command = limit
    ? ['bash', ['-c', `ulimit -f ${limit}; exec node "$0" "$@"`, script, folder, String(pace)]]
    : [process.execPath, [script, folder, String(pace)]];
  const child = spawn(...command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stdout.on('data', (data) => {
    for (const line of String(data).trim().split('\n')) hear(line, child);
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, errors })));
}

/** Of a folder's metrics without their last column, the times. */
const metricsHash = (folder) => {
  const rows = readFileSync(join(folder, 'metrics.csv'), 'utf8').replaceAll(/,[^,\n]*$/gm, '');
  return createHash('sha256').update(rows).digest('hex');
};
const finished = (folder) => readRun(folder).status === 'finished';

/** What must hold of a folder whose run has just ended, in whatever way. Returns the step to go on from. */
async function inspected(folder) {
  const { checkpoints } = readRun(folder).recipe === null ? {} : { checkpoints: join(folder, 'checkpoints') };
  must(checkpoints, `${folder} has no readable recipe`);
  const found = await newestCheckpoint(fileCheckpoints(checkpoints), (message) => must(false, message));
  return found?.contents.progress.step ?? 0;
}

const leftovers = (folder) =>
  [folder, join(folder, 'checkpoints')].flatMap((where) =>
    readdirSync(where).filter((name) => /\.tmp$|^lock\./.test(name)),
  );

async function uninterrupted() {
  const folder = join(parent, 'whole');
  await life(folder);
  must(finished(folder), 'the undisturbed run must finish');
  return metricsHash(folder);
}

/** Kills at random moments until `count` kills are done; finished runs are compared and begun anew. */
async function kills(count) {
  const whole = await uninterrupted();
  let [done, compared, step, folder] = [0, 0, 0, join(parent, 'kills-0')];
  while (done < count) {
    const after = 1 + Math.floor(random() * 30);
    const delay = random() * 5;
    let lines = 0;
    const hear = (_, child) => {
      lines += 1;
      if (lines === after) setTimeout(() => child.kill('SIGKILL'), delay);
    };
    const { signal } = await life(folder, { hear });
    if (signal === 'SIGKILL') done += 1;
    const now = await inspected(folder);
    must(now >= step, `the step went back from ${step} to ${now}`);
    step = now;
    if (!finished(folder)) continue;
    // Killed behind its result, a run leaves its lock: the next start sweeps.
    if (signal === 'SIGKILL') await life(folder);
    must(metricsHash(folder) === whole, 'metrics.csv differs from the undisturbed run’s');
    must(leftovers(folder).length === 0, `left over: ${leftovers(folder)}`);
    compared += 1;
    step = 0;
    folder = join(parent, `kills-${compared}`);
  }
  console.log(
    `kills: ${done} × kill -9, no checkpoint damaged, no step back, ${compared} finished runs equal the undisturbed one's metrics`,
  );
}

/** Signals at random moments: a checkpoint, the right code, the lock released, and a resumed run like an undisturbed one. */
async function signals(count) {
  const whole = await uninterrupted();
  let [done, twice, compared, folder] = [0, 0, 0, join(parent, 'signals-0')];
  while (done < count || twice < count) {
    const name = random() < 0.5 ? 'SIGINT' : 'SIGTERM';
    const isTwice = random() < 0.5;
    const after = 1 + Math.floor(random() * 40);
    let lines = 0;
    const hear = (_, child) => {
      lines += 1;
      if (lines !== after) return;
      child.kill(name);
      if (isTwice) setTimeout(() => child.kill(name), random() * 3);
    };
    const { code, signal } = await life(folder, { pace: 1, hear });
    const expected = { SIGINT: 130, SIGTERM: 143 }[name];
    if (lines >= after && !finished(folder)) {
      // A second signal may meet a process that has just stopped listening for any.
      must(
        code === expected || (isTwice && signal === name),
        `${name} must exit with ${expected}, got ${code ?? signal}`,
      );
      must(readRun(folder).status === 'interrupted', `status after ${name} is ${readRun(folder).status}`);
      must(!readdirSync(folder).some((file) => file.startsWith('lock.')), 'the lock was not released');
      if (isTwice) twice += 1;
      else done += 1;
    }
    await inspected(folder);
    if (!finished(folder)) continue;
    must(metricsHash(folder) === whole, 'metrics.csv differs from the undisturbed run’s');
    compared += 1;
    folder = join(parent, `signals-${compared}`);
  }
  console.log(
    `signals: ${done} once and ${twice} twice, every code right, every lock released, ${compared} finished runs equal`,
  );
}

/** Four processes on one folder, a dead one's lock in it every other time. */
async function locks(count) {
  const folder = join(parent, 'locks');
  await life(folder, { hear: (line, child) => line === 'step 5' && child.kill('SIGKILL') });
  for (let round = 0; round < count; round++) {
    let holders = 0;
    const hear = (line, child) => {
      if (!line.startsWith('start')) return;
      holders += 1;
      setTimeout(() => child.kill('SIGKILL'), 700);
    };
    const ends = await Promise.all(Array.from({ length: 4 }, () => life(folder, { pace: 100, hear })));
    must(holders === 1, `${holders} processes held one folder`);
    must(ends.filter(({ errors }) => errors.includes('LockedError')).length === 3, 'a process was not refused');
  }
  console.log(`locks: ${count} × four processes on one folder, always one writer`);
}

/** Files that may not grow beyond a limit, and a folder that cannot be made: a message, exit 1, the last checkpoint whole. */
async function disk() {
  let [limits, last] = [0, 0];
  for (const limit of [1, 2, 3, 5, 8, 12, 16]) {
    const folder = join(parent, `disk-${limit}`);
    const { code, errors } = await life(folder, { limit });
    must(
      code === 1 && /EFBIG/.test(errors),
      `a file limit of ${limit} KiB must fail with EFBIG, got ${code}: ${errors}`,
    );
    last = await inspected(folder);
    limits += 1;
    await life(folder);
    must(finished(folder), `the run cut at ${limit} KiB must finish when there is room`);
  }
  const { code, errors } = await life('/proc/torture');
  must(code === 1 && errors.includes('createRun'), `an impossible folder must be named, got ${code}: ${errors}`);
  console.log(
    `disk: ${limits} file limits, each with a message and a resumable run (the last at step ${last}); no run in /proc`,
  );
}

const all = {
  kills: () => kills(times ?? 200),
  signals: () => signals(times ?? 50),
  locks: () => locks(times ?? 100),
  disk,
};
try {
  mkdirSync(parent, { recursive: true });
  for (const [name, torture] of Object.entries(all)) if (chosen.length === 0 || chosen.includes(name)) await torture();
} finally {
  rmSync(parent, { recursive: true, force: true });
}
