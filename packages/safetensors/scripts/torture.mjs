// Throws damaged and invented headers at `parse`: only SafetensorsError may come out, and nothing may take a second.
//   npm run torture -- [runs, default 100000] [seed, default 1]
import { parseSafetensors, SafetensorsError, serializeSafetensors } from '@resnet/safetensors';
import { splice } from '../../../tools/torture/bytes.js';
import { randomFrom } from '../../../tools/torture/random.js';

const runs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);

const random = randomFrom(seed);
const below = (n) => Math.floor(random() * n);
const pick = (items) => items[below(items.length)];

const f32 = (...shape) => ({ dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
const valid = serializeSafetensors(
  { 'conv1.weight': f32(16, 3, 3, 3), step: { dtype: 'I64', shape: [], data: new BigInt64Array(1) }, b: f32(3) },
  { format: 'pt', epoch: '3' },
);
const headerEnd = 8 + Number(new DataView(valid.buffer).getBigUint64(0, true));

/** A valid file with up to four changes: a byte, a bit, a cut, a repetition, mostly within the header. */
function mutated() {
  let bytes = valid.slice();
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(random() < 0.95 ? Math.min(headerEnd, bytes.length) : bytes.length);
    const kind = below(5);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at] ^= 1 << below(8);
    else if (kind === 2) bytes = bytes.slice(0, at);
    else if (kind === 3) bytes = splice(bytes, at, bytes.slice(at, at + below(64)));
    else bytes[at] = pick(['{', '}', '[', ']', '"', ',', ':', '\\', '-', '.', 'e', '9']).charCodeAt(0);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

const keys = [
  'a',
  'b',
  '__proto__',
  'constructor',
  '__metadata__',
  'dtype',
  'shape',
  'data_offsets',
  'toString',
  '\\ud800',
];
const numbers = [
  '0',
  '1',
  '4',
  '8',
  '-1',
  '1.5',
  '1e3',
  '01',
  '9007199254740992',
  '18446744073709551616',
  `1${'0'.repeat(400)}`,
];
const object = (members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(',')}}`;
const list = (of, most) => Array.from({ length: below(most + 1) }, of);

/** JSON that looks like a header, with whatever numbers, keys and nesting come. */
function invented() {
  const value = (depth) => {
    const kind = below(depth > 6 ? 3 : 6);
    if (kind === 0) return pick(numbers);
    if (kind === 1) return `"${pick(['F32', 'U8', 'F33', 'constructor', '\\u0000', '\\x'])}"`;
    if (kind === 2) return pick(['null', 'true', '', 'NaN', '"']);
    if (kind === 3) return `[${list(() => value(depth + 1), 4)}]`;
    if (kind === 4) return object(list(() => [pick(keys), value(depth + 1)], 4));
    return tensor();
  };
  const number = () => pick(['0', '1', '2', '4', '8', pick(numbers)]);
  const tensor = () =>
    object([
      ['dtype', `"${pick(['F32', 'U8', 'I64'])}"`],
      ['shape', `[${list(number, 3)}]`],
      ['data_offsets', `[${number()},${number()}]`],
    ]);
  const json = object(list(() => [pick(keys), random() < 0.7 ? tensor() : value(0)], 4));
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + text.length + below(20));
  const lie = random() < 0.05 ? below(2 ** 31) : text.length;
  new DataView(bytes.buffer).setBigUint64(0, BigInt(lie), true);
  bytes.set(text, 8);
  return bytes;
}

let failures = 0;
for (const make of [mutated, invented]) {
  const count = { parsed: 0, rejected: 0 };
  let slowest = 0;
  for (let run = 0; run < runs; run++) {
    const made = make();
    // Half of them as Node reads files, at any address.
    const shift = below(8);
    const bytes = run % 2 ? made : Buffer.concat([Buffer.alloc(shift), made]).subarray(shift);
    const start = performance.now();
    try {
      parseSafetensors(bytes);
      count.parsed++;
    } catch (error) {
      count.rejected++;
      if (error instanceof SafetensorsError) continue;
      failures++;
      console.error(make.name, run, error, Buffer.from(bytes).toString('latin1'));
    } finally {
      slowest = Math.max(slowest, performance.now() - start);
    }
  }
  if (slowest > 1000) failures++;
  console.log(`${make.name}: ${count.parsed} parsed, ${count.rejected} rejected, slowest ${slowest.toFixed(1)} ms`);
}
console.log(failures === 0 ? 'Only typed errors, none slow.' : `${failures} failures (seed ${seed}).`);
process.exitCode = failures === 0 ? 0 : 1;
