// Takes the disk away from `resnet train`: too small a file system, files that may not grow, /dev/full, a read-only file system, data
// that is removed in mid-run. Each time: a message in words, an exit code other than 0, the last checkpoint whole, and a run that
// resumes to the very weights of an undisturbed one. Mounting needs root; without it those parts are skipped, and it is said.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  life,
  must,
  mustResumeTo,
  resnet,
  resnetPath,
  sha256,
  smallRun,
  temporaryFolder,
  undisturbed,
  wholeStep,
} from './command.js';
import { writeImages } from './images.js';

const root = temporaryFolder();
const weights = await undisturbed();
const mounts = [];
// Before the folder that they are in is removed, on exit as well.
process.prependListener('exit', () => {
  for (const folder of mounts) execFileSync('umount', [folder], { stdio: 'ignore' });
});

/** Mounts a file system in memory; null where that is not permitted. */
function mount(name, size) {
  const folder = join(root, name);
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  mounts.push(folder);
  return folder;
}

const remount = (folder, options) => execFileSync('mount', ['-o', `remount,${options}`, folder]);

/** An end in words: a code other than 0, a message that says what and why, no stack. */
function mustTell({ code, stderr }, what, ...patterns) {
  must(code === 1 || code === 2, `${what} must end with 1 or 2, got ${code}: ${stderr}`);
  must(!/^ +at .*:\d+:\d+/m.test(stderr), `${what} must be told in words, got a stack: ${stderr}`);
  for (const pattern of patterns) must(pattern.test(stderr), `${what} must be told by ${pattern}, got: ${stderr}`);
}

/** Room for two checkpoints of 0.6 MB and not for the third. */
async function smallDisk() {
  const disk = mount('small', '1600k');
  if (!disk) return 'small disk skipped: mounting is not permitted';
  const directory = join(disk, 'run');
  const ended = await resnet(smallRun(directory));
  mustTell(ended, 'a full disk', /ENOSPC/, /Make room/);
  must((await wholeStep(directory)) === 8, 'a full disk must leave the last checkpoint that fitted');
  const again = await resnet(['train', '--resume', directory]);
  mustTell(again, 'a disk that is still full', /ENOSPC/);
  must((await wholeStep(directory)) === 8, 'a second try must leave the checkpoint alone');
  remount(disk, 'size=20m');
  await mustResumeTo(directory, weights);
  return 'full tmpfs: told, checkpoint of step 8 whole, resumed when there was room';
}

/** So little room that not even a log fits. */
async function tinyDisk() {
  const disk = mount('tiny', '64k');
  if (!disk) return 'tiny disk skipped';
  const ended = await resnet(smallRun(join(disk, 'run')));
  mustTell(ended, 'a disk without any room', /ENOSPC/);
  return 'no room for the first file: told';
}

async function readOnly() {
  const disk = mount('read-only', '20m');
  if (!disk) return 'read-only file system skipped: mounting is not permitted';
  const directory = join(disk, 'run');
  const begun = await resnet(smallRun(directory), { meanwhile: killAfter('checkpoints', directory) });
  must(begun.signal === 'SIGKILL', `the run must have been killed, got ${begun.code}`);
  const before = await wholeStep(directory);
  remount(disk, 'ro');
  mustTell(await resnet(['train', '--resume', directory]), 'a read-only run', /EROFS/, /must be writable|read-only/);
  mustTell(await resnet(smallRun(join(disk, 'other'))), 'a read-only parent', /EROFS/, /createRun/);
  remount(disk, 'rw');
  must((await wholeStep(directory)) === before, 'a read-only run must stay as it was');
  await mustResumeTo(directory, weights);
  return `read-only: new and resumed runs told, resumed from step ${before} when writable`;
}

/** Kills a run as soon as it has a checkpoint. */
const killAfter = (_, directory) => (child) => {
  const folder = join(directory, 'checkpoints');
  const watch = setInterval(() => {
    if (!existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith('.safetensors'))) return;
    clearInterval(watch);
    child.kill('SIGKILL');
  }, 3);
  child.on('close', () => clearInterval(watch));
};

async function fileLimit() {
  const told = [];
  for (const kilobytes of [2, 60, 400]) {
    const directory = join(root, `limit-${kilobytes}`);
    const ended = await life([
      'bash',
      '-c',
      `ulimit -f ${kilobytes}; exec "$0" "$@"`,
      process.execPath,
      resnetPath,
      ...smallRun(directory),
    ]);
    mustTell(ended, `files of at most ${kilobytes} KiB`, /EFBIG/);
    if (existsSync(join(directory, 'recipe.json'))) await mustResumeTo(directory, weights);
    told.push(kilobytes);
  }
  return `ulimit -f ${told.join(', ')}: told, resumed`;
}

/** A log that is a device without room, and results that go to one. */
async function devFull() {
  if (!existsSync('/dev/full')) return '/dev/full skipped: there is none';
  const directory = join(root, 'full');
  const begun = await resnet(smallRun(directory), { meanwhile: killAfter('checkpoints', directory) });
  must(begun.signal === 'SIGKILL', `the run must have been killed, got ${begun.code}`);
  const log = join(directory, 'metrics.csv');
  renameSync(log, `${log}.kept`);
  symlinkSync('/dev/full', log);
  mustTell(
    await resnet(['train', '--resume', directory]),
    'a log that is a link to /dev/full',
    /metrics\.csv must be a regular file, got a link/,
  );
  rmSync(log);
  renameSync(`${log}.kept`, log);
  await mustResumeTo(directory, weights);
  const result = join(root, 'result');
  const toFull = (redirect, out) =>
    life(['bash', '-c', `exec "$0" "$@" ${redirect}`, process.execPath, resnetPath, ...smallRun(out, '--json')]);
  mustTell(await toFull('>/dev/full', result), 'a result that cannot be printed', /ENOSPC/);
  must(sha256(join(result, 'weights.safetensors')) === weights, 'the result must be in the run folder all the same');
  const deaf = await toFull('2>/dev/full', `${result}-2`);
  must(
    deaf.code === 0 && JSON.parse(deaf.stdout).steps === 12,
    `nobody hears stderr: the run must go on, got ${deaf.code}`,
  );
  return '/dev/full as log, as stdout, as stderr: refused, told, survived';
}

/** A folder of images of two sizes, which stay files, removed while the run reads it. */
async function removedData() {
  const counts = [];
  for (const workers of ['0', '2']) {
    const images = join(root, `images-${workers}`);
    writeImages(images, { count: 120 });
    const directory = join(root, `removed-${workers}`);
    const recipe = [
      '--data',
      images,
      '--set',
      'augment=imagenet',
      '--set',
      'imageSize=32',
      '--set',
      'normalize=none',
      '--steps',
      '60',
      '--checkpoint-every',
      '2',
    ];
    const flags = [...recipe, '--batch-size', '16', '--workers', workers];
    const whole = await undisturbed(...flags);
    let [removed, watch] = [false];
    const meanwhile = (child) => {
      watch = setInterval(() => {
        const log = join(directory, 'events.jsonl');
        if (removed || !existsSync(log) || !readFileSync(log, 'utf8').includes('"type":"checkpoint"')) return;
        removed = true;
        renameSync(images, `${images}-away`);
      }, 3);
      child.on('close', () => clearInterval(watch));
    };
    const ended = await resnet(smallRun(directory, ...flags), { meanwhile });
    mustTell(ended, 'data that was removed', /must still be there/, /Put the data back/);
    const step = await wholeStep(directory);
    must(step >= 2, `a checkpoint must be there, got step ${step}`);
    renameSync(`${images}-away`, images);
    await mustResumeTo(directory, whole);
    counts.push(`step ${step}`);
  }
  return `data removed in mid-run, 0 and 2 workers: told, checkpoints whole (${counts.join(', ')}), resumed when it was back`;
}

/** A data set whose pack cannot be kept. */
async function readOnlyCache() {
  const disk = mount('cache', '1m');
  if (!disk) return 'read-only cache skipped';
  remount(disk, 'ro');
  const images = join(root, 'packed');
  writeImages(images, { count: 40, sizes: [32] });
  const ended = await resnet(smallRun(join(root, 'no-cache'), '--data', images), { env: { RESNET_CACHE: disk } });
  mustTell(ended, 'a cache that is read-only', /EROFS/, /RESNET_CACHE/);
  return 'read-only cache: told';
}

const lines = [];
for (const part of [smallDisk, tinyDisk, readOnly, fileLimit, devFull, removedData, readOnlyCache])
  lines.push(await part());
console.log(lines.join('\n'));
