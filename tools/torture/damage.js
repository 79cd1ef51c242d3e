// Flips single bits of what the command stores and cuts it short: a checkpoint of a real run, and the packed data and the extracted
// images in the cache. A damaged checkpoint must be refused by a typed error. What the cache holds must be refused by one or made again;
// what is read is never wrong.
//   node tools/torture/damage.js [--flips 1000] [--cuts 100] [--seed 1]
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DataError, openSource } from '@resnet/data';
import { SafetensorsError } from '@resnet/safetensors';
import { CheckpointError, decodeCheckpoint } from '@resnet/trainer';
import { must, resnet, smallRun, temporaryFolder } from './command.js';
import { writeImages } from './images.js';
import { randomFrom } from './random.js';

const { values } = parseArgs({
  options: {
    flips: { type: 'string', default: '1000' },
    cuts: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
const random = randomFrom(Number(values.seed));
const [flips, cuts] = [Number(values.flips), Number(values.cuts)];

/** Every damage, each of one of `files` (paths and whole bytes), with its name; a third of the flips in the first kilobyte, where the header is. */
function* damages(files) {
  const pick = () => files[Math.floor(random() * files.length)];
  for (let i = 0; i < flips; i++) {
    const [path, whole] = pick();
    const bit = Math.floor(random() * 8 * (i % 3 === 0 ? Math.min(1024, whole.length) : whole.length));
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    yield { path, whole, bytes, what: `bit ${bit} of ${path}` };
  }
  for (let i = 0; i < cuts; i++) {
    const [path, whole] = pick();
    const length = Math.floor((i * whole.length) / cuts);
    yield { path, whole, bytes: whole.subarray(0, length), what: `${path} cut to ${length}` };
  }
}

const fileAt = (path) => [path, readFileSync(path)];

const root = temporaryFolder({ fast: true });

async function checkpoint() {
  const directory = join(root, 'run');
  const { code, stderr } = await resnet(smallRun(directory, '--steps', '4'));
  must(code === 0, `a run must finish, got ${code}: ${stderr}`);
  const [name] = readdirSync(join(directory, 'checkpoints'));
  const file = fileAt(join(directory, 'checkpoints', name));
  let refused = 0;
  for (const { what, bytes } of damages([file])) {
    const error = await decodeCheckpoint(bytes).catch((error) => error);
    must(error instanceof CheckpointError || error instanceof SafetensorsError, `${what} gave ${error}`);
    refused += 1;
  }
  return `checkpoint of ${file[1].length} bytes: ${flips} flips and ${cuts} cuts, ${refused} refused`;
}

/** Made of CIFAR's binary form, which is packed without a decoder: a pack can be made again a thousand times. */
function writeCifar(folder) {
  const records = () =>
    Buffer.concat(
      Array.from({ length: 4 }, () =>
        Buffer.from(Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? 1 : 256 * random()))),
      ),
    );
  mkdirSync(folder);
  for (const n of [1, 2, 3, 4, 5]) writeFileSync(join(folder, `data_batch_${n}.bin`), records());
  writeFileSync(join(folder, 'test_batch.bin'), records());
  writeFileSync(join(folder, 'batches.meta.txt'), 'cat\ndog\n');
}

/** Every pixel of a data set. */
async function pixelsOf(path, options) {
  const source = await openSource(path, options);
  const all = [];
  for (const split of ['train', 'test']) {
    const set = await source.read(split);
    for (let i = 0; i < set.length; i++) all.push((await set.read(i)).image.data);
  }
  return Buffer.concat(all);
}

/** Damages files of the cache. The next reading must find the same pixels or refuse; the one after it must have made them again. */
async function madeAgain(files, pixels) {
  const expected = await pixels();
  const count = { refused: 0, again: 0 };
  for (const { path, whole, bytes, what } of damages(files)) {
    writeFileSync(path, bytes);
    const found = await pixels().catch((error) => error);
    must(found instanceof DataError || Buffer.isBuffer(found), `${what} gave ${found}`);
    must(found instanceof DataError || found.equals(expected), `${what} was read as if it were whole`);
    count[found instanceof DataError ? 'refused' : 'again'] += 1;
    must((await pixels()).equals(expected) && readFileSync(path).equals(whole), `after ${what} it must be made again`);
  }
  return `${flips} flips and ${cuts} cuts, ${count.again} made again at once, ${count.refused} refused and made again next time`;
}

async function pack() {
  const folder = join(root, 'cifar-10-batches-bin');
  writeCifar(folder);
  const options = { cacheDir: join(root, 'cache'), verify: false };
  const { cached } = await openSource(folder, options);
  const file = fileAt(cached);
  return `pack of ${file[1].length} bytes: ${await madeAgain([file], () => pixelsOf(folder, options))}`;
}

async function extracted() {
  const folder = join(root, 'images');
  writeImages(folder, { count: 8 });
  const archive = join(root, 'images.tar');
  execFileSync('tar', ['-cf', archive, '-C', folder, '.']);
  const options = { cacheDir: join(root, 'cache') };
  const { cached } = await openSource(archive, options);
  const files = readdirSync(cached, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fileAt(join(entry.parentPath, entry.name)));
  return `${files.length} extracted files: ${await madeAgain(files, () => pixelsOf(archive, options))}`;
}

console.log(await checkpoint());
console.log(await pack());
console.log(await extracted());
