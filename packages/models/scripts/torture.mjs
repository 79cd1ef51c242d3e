// Damages PyTorch checkpoints and reads them: only WeightFileError may come out, nothing may take a second or use memory
// that the file does not explain.
//   npm run torture -- [runs, default 100000] [seed, default 1]
import { readFileSync } from 'node:fs';
import { readWeights, WeightFileError } from '@resnet/models';
import { unzipSync, zipSync } from 'fflate';
import { splice } from '../../../tools/torture/bytes.js';
import { randomFrom } from '../../../tools/torture/random.js';

const runs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const fixture = (name) => new Uint8Array(readFileSync(new URL(`../test/weights/fixtures/${name}`, import.meta.url)));

const random = randomFrom(seed);
const below = (n) => Math.floor(random() * n);
// What the interpreter knows, and what it must refuse: most likely to lead a damaged pickle on.
const opcodes = [
  ...'(01NJKMGXTU)t]ae}suqrhjcRbQ.ioPiOBC',
  '\x80',
  '\x85',
  '\x86',
  '\x87',
  '\x88',
  '\x81',
  '\x8a',
  '\x8b',
  '\x8c',
  '\x8f',
  '\x90',
  '\x91',
  '\x92',
  '\x93',
  '\x94',
];

/** Up to six changes: a byte, a bit, an opcode, a cut, a repetition, a move. */
function damaged(original) {
  let bytes = original.slice();
  for (let changes = 1 + below(6); changes > 0 && bytes.length > 0; changes--) {
    const at = below(bytes.length);
    const kind = below(40);
    if (kind < 12) bytes[at] = below(256);
    else if (kind < 22) bytes[at] ^= 1 << below(8);
    else if (kind < 32) bytes[at] = opcodes[below(opcodes.length)].charCodeAt(0);
    else if (kind < 35) bytes = splice(bytes, at, bytes.slice(at, at + below(200)));
    else if (kind < 38) bytes = splice(bytes, at, bytes.slice(below(bytes.length)).slice(0, below(50)));
    else if (kind < 39) bytes.copyWithin(at, below(bytes.length), below(bytes.length));
    else bytes = bytes.slice(0, at);
  }
  return bytes;
}

const legacy = fixture('legacy-checkpoint.th');
const archive = fixture('zip-checkpoint.pth');
const deflated = fixture('deflated.pth');
const otherObjects = unzipSync(fixture('surrounded.zip'))['beside: collections, legacy.pth'];
const files = unzipSync(archive);
const pickle = Object.keys(files).find((name) => name.endsWith('data.pkl'));

const kinds = {
  'legacy files': () => damaged(legacy),
  'pickles in valid archives': () => zipSync({ ...files, [pickle]: damaged(files[pickle]) }, { level: 0 }),
  'legacy files with other objects': () => damaged(otherObjects),
  archives: () => damaged(archive),
  'deflated archives': () => damaged(deflated),
};

let failures = 0;
for (const [name, make] of Object.entries(kinds)) {
  const count = { read: 0, refused: 0 };
  let slowest = 0;
  for (let run = 0; run < runs; run++) {
    const made = make();
    // Half of them as Node reads files, at any address.
    const shift = below(8);
    const bytes = run % 2 ? made : Buffer.concat([Buffer.alloc(shift), made]).subarray(shift);
    const start = performance.now();
    try {
      readWeights(bytes);
      count.read++;
    } catch (error) {
      // Damage to the first bytes makes it no PyTorch file any more, which is for the safetensors reader to refuse.
      if (error instanceof WeightFileError || error.name === 'SafetensorsError') count.refused++;
      else {
        failures++;
        console.error(name, run, error, Buffer.from(bytes).toString('base64'));
      }
    } finally {
      slowest = Math.max(slowest, performance.now() - start);
    }
  }
  if (slowest > 1000) failures++;
  console.log(`${name}: ${count.read} read, ${count.refused} refused, slowest ${slowest.toFixed(1)} ms`);
}
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
// Files of a few kilobytes: whoever believes a length that they name takes gigabytes.
if (megabytes > 600) failures++;
console.log(
  `${failures === 0 ? 'Only typed errors, none slow' : `${failures} failures (seed ${seed})`}; peak ${megabytes} MB.`,
);
process.exitCode = failures === 0 ? 0 : 1;
