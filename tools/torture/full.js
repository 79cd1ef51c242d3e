// Every command that writes, on a disk that has no room for it: each must say so in words, with what to do; what was whole must stay so,
// byte for byte; and nothing may be left over. Mounting needs root; without it the part is skipped, and it is said.
//   node tools/torture/full.js
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, relative } from 'node:path';
import { must, resnet, sha256, smallRun, temporaryFolder } from './command.js';
import { writeImages } from './images.js';

const root = temporaryFolder();
const disk = join(root, 'disk');
mkdirSync(disk);
try {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], { stdio: 'ignore' });
} catch {
  console.log('full disks skipped: mounting is not permitted');
  process.exit(0);
}
process.prependListener('exit', () => execFileSync('umount', [disk], { stdio: 'ignore' }));

const run = join(root, 'run');
const trained = await resnet(smallRun(run));
must(trained.code === 0, `a run must finish: ${trained.stderr}`);
const images = join(root, 'images');
writeImages(images, { count: 200, sizes: [32] });
const photos = join(root, 'photos');
writeImages(photos, { count: 80 });

const filler = join(disk, 'filler');

/** Every file of a folder, and its SHA-256. */
const contentOf = (folder) =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => path !== filler)
      .map((path) => [relative(folder, path), sha256(path)]),
  );

/** Fills the disk until less than `bytes` are left. */
function fill(bytes) {
  const free = () => Number(execFileSync('df', ['--output=avail', '-B1', disk], { encoding: 'utf8' }).split('\n')[1]);
  writeFileSync(filler, Buffer.alloc(Math.max(0, free() - bytes)));
}

/** A server on this machine that sends zeros for ever. */
async function zeros() {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 170_052_171 });
    const send = () => response.write(Buffer.alloc(1 << 20)) && setImmediate(send);
    response.on('drain', send);
    send();
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  server.unref();
  return `http://127.0.0.1:${server.address().port}/cifar-10-binary.tar.gz`;
}

const out = join(disk, 'out');
const small = ['--images', '16', '--backend', 'simd'];
/**
 * A command, how much room it has, and whether it is run with room before, so that there is something good to lose. Figures are drawn
 * anew from other settings, so that they would differ.
 */
const commands = [
  { name: 'data preview', args: ['data', 'preview', 'shapes10', '--out', join(out, 'p.png')], again: ['--seed', '1'] },
  { name: 'data info, a pack', args: ['data', 'info', images], cache: true, room: 100_000, keeps: /digests\.json$/ },
  { name: 'data shard', args: ['data', 'shard', photos, '--images-per-shard', '20', '--out', join(out, 'shards')], room: 150_000 },
  { name: 'data download', args: ['data', 'download', 'cifar10', '--url', await zeros()], cache: true, room: 1_000_000, keeps: /\.part$/ },
  { name: 'lr-find as SVG', args: ['lr-find', 'shapes10', '--model', 'resnet8', '--steps', '4', '--batch-size', '8', '--plot', join(out, 'curve.svg')], again: ['--seed', '1'] },
  { name: 'lr-find as PNG', args: ['lr-find', 'shapes10', '--model', 'resnet8', '--steps', '4', '--batch-size', '8', '--plot', join(out, 'curve.png')], again: ['--seed', '1'] },
  ...['onnx', 'safetensors'].map((format) => ({ name: `export to ${format}`, args: ['export', '--run', run, '--format', format, '--out', join(out, format)], again: [], room: 100_000 })),
  { name: 'export to tfjs', args: ['export', '--run', run, '--format', 'tfjs', '--out', join(out, 'tfjs')], again: ['--fold'], room: 310_000 },
  { name: 'compare', args: ['compare', run, '--out', join(out, 'compared')], again: [] },
  { name: 'analyze responses', args: ['analyze', 'responses', '--run', run, ...small, '--out', join(out, 'responses')], again: [] },
  { name: 'analyze evaluation', args: ['analyze', 'evaluation', '--run', run, ...small, '--out', join(out, 'evaluation')], again: [] },
  { name: 'train', args: smallRun(join(out, 'run')), room: 800_000, keeps: /^out\/run\// },
  { name: 'studies', args: ['studies', '--only', 'bottleneck', '--out', join(out, 'studies')], room: 4096 },
]; // biome-ignore format: a table

let good = 0;
for (const { name, args, again, cache = false, room = 6000, keeps } of commands) {
  rmSync(out, { recursive: true, force: true });
  rmSync(join(disk, 'cache'), { recursive: true, force: true });
  mkdirSync(out);
  const env = { RESNET_CACHE: cache ? join(disk, 'cache') : join(root, 'cache') };
  if (again) {
    const whole = await resnet(args, { env });
    must(whole.code === 0, `${name} must work where there is room, got ${whole.code}: ${whole.stderr}`);
  }
  const before = contentOf(disk);
  good += before.size;
  fill(room);
  const ended = await resnet([...args, ...(again ?? [])], { env });
  rmSync(filler);
  must(ended.code === 1, `${name} must end with 1 on a full disk, got ${ended.code ?? ended.signal}: ${ended.stderr}`);
  must(/ENOSPC.*Make room/s.test(ended.stderr), `${name} must say what to do, got: ${ended.stderr}`);
  must(!/^ +at .*:\d+:\d+/m.test(ended.stderr), `${name} must be told in words, got: ${ended.stderr}`);
  const after = contentOf(disk);
  for (const [path, digest] of before) must(after.get(path) === digest, `${name} must leave ${path} as it was`);
  const more = [...after.keys()].filter((path) => !before.has(path) && !keeps?.test(path));
  must(more.length === 0 || name === 'data shard', `${name} must leave nothing over, got ${more}`);
  must(
    ![...after.keys()].some((path) => path.endsWith('.tmp')),
    `${name} must leave nothing half written, got ${[...after.keys()]}`,
  );
}

// The shards and the run that did not fit go on where there is room.
const shards = commands.find(({ name }) => name === 'data shard');
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
fill(shards.room);
await resnet(shards.args);
rmSync(filler);
must((await resnet(shards.args)).code === 0 && existsSync(join(out, 'shards', 'shards.json')), 'shards must go on');
cpSync(join(out, 'shards'), join(root, 'shards'), { recursive: true });
const info = await resnet(['data', 'info', join(root, 'shards'), '--json']);
must(info.code === 0 && JSON.parse(info.stdout).splits.train.images === 60, `all images must be there: ${info.stderr}`);
console.log(
  `${commands.length} commands on a full disk: each told by ENOSPC with its next move, ${good} good files as they were, nothing left over`,
);
