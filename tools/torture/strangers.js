// Folders, archives, checkpoints and models that a stranger made, given to the real command: each must be refused in words or used
// rightly, within seconds, and what a link leads to must stay as it is.
//   node tools/torture/strangers.js
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { modelFileHandler } from '@resnet/models/node';
import { decodeCheckpoint, encodeCheckpoint } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { must, resnet, sha256, smallRun, temporaryFolder } from './command.js';
import { writeImages } from './images.js';

const root = temporaryFolder();
/** Starting the command takes a second or two, more where others use the machine. */
const SECONDS = 30;

/** An end in words: no stack, no hang. */
async function told(args, what, pattern) {
  const ended = await resnet(args, { seconds: SECONDS });
  must(
    ended.code === 1 || ended.code === 2,
    `${what} must be refused, got ${ended.code ?? ended.signal}: ${ended.stderr}`,
  );
  must(!/^ +at .*:\d+:\d+/m.test(ended.stderr), `${what} must be told in words, got: ${ended.stderr}`);
  must(pattern.test(ended.stderr), `${what} must be told by ${pattern}, got: ${ended.stderr}`);
}

const whole = join(root, 'whole');
const finished = await resnet(smallRun(whole));
must(finished.code === 0, `a run must finish: ${finished.stderr}`);
const weights = sha256(join(whole, 'weights.safetensors'));

/** A copy of the run, as if it had been stopped. */
function stopped(name) {
  const directory = join(root, name);
  cpSync(whole, directory, { recursive: true });
  for (const file of ['result.json', 'weights.safetensors']) rmSync(join(directory, file));
  return directory;
}

/** Every file and folder of a run as a link, a second name, a pipe. */
async function runFolders() {
  const victim = join(root, 'victim');
  const text = 'export SECRET=1\n';
  const makes = {
    link: (path) => symlinkSync(victim, path),
    name: (path) => linkSync(victim, path),
    pipe: (path) => execFileSync('mkfifo', [path]),
  };
  const files = ['recipe.json', 'events.jsonl', 'metrics.csv', 'events.out.tfevents.0.resnet', 'preprocessing.json', 'result.json', 'weights.safetensors']; // biome-ignore format: a list
  let count = 0;
  for (const file of files) {
    for (const [kind, make] of Object.entries(makes)) {
      const directory = stopped(`${kind}-${file}`);
      writeFileSync(victim, text);
      rmSync(join(directory, file), { force: true });
      make(join(directory, file));
      await told(
        ['train', '--resume', directory],
        `${file} as ${kind}`,
        new RegExp(`${file.replace('.', '\\.')} must be`),
      );
      const listed = await resnet(['runs', directory], { seconds: SECONDS });
      must(listed.code === 0, `runs must list ${file} as ${kind}, got ${listed.code}: ${listed.stderr}`);
      must(readFileSync(victim, 'utf8') === text, `${file} as ${kind} must leave the victim alone`);
      rmSync(directory, { recursive: true });
      rmSync(victim);
      count += 1;
    }
  }
  const directory = stopped('linked-checkpoints');
  const theirs = join(root, 'theirs');
  renameSync(join(directory, 'checkpoints'), theirs);
  symlinkSync(theirs, join(directory, 'checkpoints'));
  const before = readdirSync(theirs).join();
  await told(
    ['train', '--resume', directory],
    'linked checkpoints',
    /checkpoints must be a folder and no link, got a link/,
  );
  must(readdirSync(theirs).join() === before, 'linked checkpoints must be left alone');
  return `${count + 1} run folders with links, second names and pipes: each refused by name, every victim as before`;
}

/** Archives that unpack to 200 MB, wrapped up to three times. */
async function bombs() {
  const zeros = Buffer.concat([Buffer.from(execFileSync('tar', ['-cf', '-', '-C', images, '.'])).subarray(0, -1024), header('train/class-0/z.png', 200 << 20), Buffer.alloc((200 << 20) + 1024)]); // biome-ignore format: the parts of a tar
  let bytes = zeros;
  const cache = join(root, 'bombs');
  for (let depth = 1; depth <= 3; depth++) {
    bytes = gzipSync(bytes, { level: 9 });
    const path = join(root, `bomb-${depth}.tar.gz`);
    writeFileSync(path, bytes);
    const ended = await resnet(['data', 'info', path], { seconds: 120, env: { RESNET_CACHE: cache } });
    must(
      ended.code === 1 && /must unpack to at most|compressed once more/.test(ended.stderr),
      `bomb ${depth}: ${ended.stderr}`,
    );
    must(!existsSync(cache) || readdirSync(cache).length === 0, `bomb ${depth} must leave nothing in the cache`);
  }
  return 'a bomb gzipped once, twice and three times: refused, nothing in the cache';
}

/** A tar header, by the POSIX format. */
function header(name, size) {
  const block = Buffer.alloc(512);
  block.write(name);
  block.write('0000644\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const images = join(root, 'images');
writeImages(images, { count: 16, sizes: [32] });

/** Links that lead up, around and to nothing, a pipe, and a name that is not UTF-8. */
async function links() {
  const folder = join(root, 'linked');
  cpSync(images, folder, { recursive: true });
  const inside = join(folder, 'train', 'class-0');
  symlinkSync('..', join(inside, 'up'));
  symlinkSync('loop.png', join(inside, 'loop.png'));
  symlinkSync('/nowhere/0.png', join(inside, 'gone.png'));
  execFileSync('mkfifo', [join(inside, 'pipe.png')]);
  for (const n of [1, 2, 3, 4, 5]) symlinkSync('.', join(folder, `a${n}`));
  writeFileSync(Buffer.concat([Buffer.from(`${inside}/`), Buffer.from([0xff]), Buffer.from('.png')]), '');
  const env = { RESNET_CACHE: join(root, 'cache') };
  const ended = await resnet(['data', 'info', folder, '--json'], { seconds: SECONDS, env });
  must(ended.code === 0, `links must be left out, got ${ended.code}: ${ended.stderr}`);
  const { splits } = JSON.parse(ended.stdout);
  must(`${splits.train.perClass}` === '6,6', `links must add no image, got ${splits.train.perClass}`);
  for (const name of ['up', 'loop.png', 'gone.png', 'pipe.png', 'a5']) {
    must(ended.stderr.includes(`${name}: a`), `${name} must be named, got: ${ended.stderr}`);
  }
  return 'links up, around and to nothing, a pipe, a name that is not UTF-8: left out by name, six images a class as before';
}

/** Checkpoints whose SHA-256 is right and whose state is not. */
async function sealed() {
  const without = (prefix) => (c) => ({
    ...c,
    tensors: new Map([...c.tensors].filter(([name]) => !name.startsWith(prefix))),
  });
  const progress = (change) => (c) => ({ ...c, progress: { ...c.progress, ...change } });
  const lies = [
    (c) => ({ ...c, progress: undefined }),
    progress({ step: 1e9 }),
    progress({ step: 6.5 }),
    progress({ batch: '1' }),
    without('optimizer/'),
    without('optimizer/momentum/conv1'),
    without('window/'),
    (c) => ({ ...c, schedule: undefined }),
    (c) => ({ ...c, optimizer: [] }),
    (c) => ({ ...c, states: 5 }),
  ];
  for (const [i, lie] of lies.entries()) {
    const directory = stopped(`sealed-${i}`);
    const folder = join(directory, 'checkpoints');
    const newest = join(folder, readdirSync(folder).sort().at(-1));
    writeFileSync(newest, await encodeCheckpoint(lie(await decodeCheckpoint(readFileSync(newest)))));
    const ended = await resnet(['train', '--resume', directory], { seconds: 240 });
    must(ended.code === 0, `lie ${i} must be passed over, got ${ended.code}: ${ended.stderr}`);
    const log = readFileSync(join(directory, 'events.jsonl'), 'utf8');
    must(
      log.includes(`${basename(newest)} is damaged and was passed over`) && log.includes('malformed'),
      `lie ${i} must be told`,
    );
    must(sha256(join(directory, 'weights.safetensors')) === weights, `lie ${i} must end as the undisturbed run`);
    rmSync(directory, { recursive: true });
  }
  return `${lies.length} sealed checkpoints that lie: named, the one before used, the undisturbed weights`;
}

/** Every field of a model.json as something else. */
async function models() {
  const directory = join(root, 'model');
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  await model.save(modelFileHandler(directory));
  const text = readFileSync(join(directory, 'model.json'), 'utf8');
  const values = [null, 5, -1, 0.5, 'x', [], {}, [null], { a: 1 }, true];
  const paths = pathsOf(JSON.parse(text)).filter((path) => ['modelTopology', 'weightsManifest'].includes(path[0]));
  let [refused, loaded] = [0, 0];
  for (const path of paths.filter((path) => path.length <= 2 || path[0] === 'weightsManifest')) {
    for (const value of values) {
      const json = JSON.parse(text);
      const last = path.at(-1);
      path.slice(0, -1).reduce((inner, key) => inner[key], json)[last] = value;
      writeFileSync(join(directory, 'model.json'), JSON.stringify(json));
      const error = await modelFileHandler(directory)
        .load()
        .then(
          () => null,
          (thrown) => thrown,
        );
      must(
        error === null || ['WeightFileError', 'FileError'].includes(error.name),
        `${path.join('.')} as ${JSON.stringify(value)} gave ${error}`,
      );
      if (error) refused += 1;
      else loaded += 1;
    }
  }
  return `model.json with ${refused + loaded} wrong fields: ${refused} refused by a typed error, ${loaded} harmless`;
}

const pathsOf = (value, path = []) =>
  typeof value === 'object' && value !== null
    ? [
        ...(path.length > 0 ? [path] : []),
        ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key])),
      ]
    : [path];

for (const part of [runFolders, bombs, links, sealed, models]) console.log(await part());
