// Flips single bits of what the command stores and cuts it short: a checkpoint of a real run, and the packed data in the cache.
// A damaged checkpoint must be refused by a typed error. A damaged pack must be refused by one or made again; what is read is never wrong.
//   node tools/torture/damage.js [--flips 1000] [--cuts 100] [--seed 1]
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DataError, openSource } from '@resnet/data';
import { SafetensorsError } from '@resnet/safetensors';
import { CheckpointError, decode } from '@resnet/trainer';
import { must, resnet, smallRun, temporaryFolder } from './command.js';
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

/** Every damage, with its name; a third of the flips in the first kilobyte, where the header is. */
function* damages(whole) {
  for (let i = 0; i < flips; i++) {
    const bit = Math.floor(random() * 8 * (i % 3 === 0 ? Math.min(1024, whole.length) : whole.length));
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    yield { what: `bit ${bit}`, bytes };
  }
  for (let i = 0; i < cuts; i++) {
    const length = Math.floor((i * whole.length) / cuts);
    yield { what: `cut to ${length}`, bytes: whole.subarray(0, length) };
  }
}

const root = temporaryFolder({ fast: true });

async function checkpoint() {
  const directory = join(root, 'run');
  const { code, stderr } = await resnet(smallRun(directory, '--steps', '4'));
  must(code === 0, `a run must finish, got ${code}: ${stderr}`);
  const [name] = readdirSync(join(directory, 'checkpoints'));
  const whole = readFileSync(join(directory, 'checkpoints', name));
  let refused = 0;
  for (const { what, bytes } of damages(whole)) {
    const error = await decode(bytes).catch((error) => error);
    must(error instanceof CheckpointError || error instanceof SafetensorsError, `${what} of ${name} gave ${error}`);
    refused += 1;
  }
  return `checkpoint of ${whole.length} bytes: ${flips} flips and ${cuts} cuts, ${refused} refused`;
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

async function pack() {
  const folder = join(root, 'cifar-10-batches-bin');
  writeCifar(folder);
  const options = { cacheDir: join(root, 'cache'), verify: false };
  const pixels = async () => {
    const source = await openSource(folder, options);
    const splits = [await source.read('train'), await source.read('test')];
    return Buffer.concat(
      splits.flatMap((set) => Array.from({ length: set.length }, (_, i) => set.readSync(i).image.data)),
    );
  };
  const expected = await pixels();
  const { cached } = await openSource(folder, options);
  const whole = readFileSync(cached);
  const count = { refused: 0, again: 0 };
  for (const { what, bytes } of damages(whole)) {
    writeFileSync(cached, bytes);
    const found = await pixels().catch((error) => error);
    must(found instanceof DataError || Buffer.isBuffer(found), `${what} of the pack gave ${found}`);
    must(found instanceof DataError || found.equals(expected), `${what} of the pack was read as if it were whole`);
    count[found instanceof DataError ? 'refused' : 'again'] += 1;
    must(
      (await pixels()).equals(expected) && readFileSync(cached).equals(whole),
      `after ${what} the pack must be made again`,
    );
  }
  return `pack of ${whole.length} bytes: ${flips} flips and ${cuts} cuts, ${count.again} made again at once, ${count.refused} refused and made again next time`;
}

console.log(await checkpoint());
console.log(await pack());
