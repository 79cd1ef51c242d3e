import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerSimd } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobNames, jobs } from '../../contract/jobs';
import { ARGUMENTS, CHUNKS, DONE, JOB, NATIVE_FINISHED } from '../../contract/layout';

/** A word of the shared memory that nothing else uses: here native code leaves which threads asked it. */
const SEEN = 0;

const indexOf = (field: keyof (typeof jobs)['Relu']): number => ARGUMENTS / 4 + Object.keys(jobs.Relu).indexOf(field);

/** "Native code" in JavaScript, whose relu gives −x below zero, so that one sees who computed. It leaves other jobs to WebAssembly. */
const source = `
const { threadId } = require('node:worker_threads');
let ints, floats;
exports.levels = () => ['avx2'];
exports.load = (memory, level) => {
  ints = memory;
  floats = new Float32Array(memory.buffer);
  return take;
};
const relu = (chunk) => {
  const [x, y, size, block] = [${indexOf('x')}, ${indexOf('y')}, ${indexOf('size')}, ${indexOf('block')}].map((i) => ints[i]);
  for (let i = chunk * block; i < Math.min(size, (chunk + 1) * block); i++) floats[y / 4 + i] = Math.abs(floats[x / 4 + i]);
};
const take = (left, pages) => {
  Atomics.or(ints, ${SEEN}, threadId === 0 ? 1 : 2);
  const chunks = ints[${CHUNKS / 4}];
  if (ints[${JOB / 4}] !== ${jobNames.indexOf('Relu')}) return left || 1;
  if (left === 0) {
    for (let chunk = 0; chunk < chunks; chunk++) relu(chunk);
    return ${NATIVE_FINISHED};
  }
  relu(chunks - left);
  return Atomics.add(ints, ${DONE / 4}, 1) + 1 === chunks ? ${NATIVE_FINISHED} : 0;
};`;

const folder = mkdtempSync(join(tmpdir(), 'native-'));
const path = join(folder, 'addon.cjs');

beforeAll(async () => {
  writeFileSync(path, source);
  await registerSimd({ threads: 2, native: { path, level: 'avx2' } });
  await tf.setBackend('simd');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Inside {
  readonly runtime: { readonly memory: WebAssembly.Memory };
}

it('does the jobs it has, in every chunk, and leaves the others to WebAssembly', () => {
  const size = 60_000; // two chunks, below the 1 MiB that the stand-in's views of the memory see
  const values = Float32Array.from({ length: size }, (_, i) => i % 7).map((v, i) => (i % 2 ? -v : v));
  const y = tf.relu(tf.tensor1d(values)).dataSync();
  expect(y.every((v, i) => v === Math.abs(values[i]!))).toBe(true);
  expect([...tf.mul(tf.tensor1d([-1, 2]), 3).dataSync()]).toEqual([-3, 6]);
});

it('is asked by every thread', () => {
  const { memory } = (tf.backend() as unknown as Inside).runtime;
  const words = new Int32Array(memory.buffer);
  for (let tries = 0; words[SEEN] !== 3 && tries < 1000; tries++) tf.tidy(() => tf.relu(tf.ones([40_000])).dataSync());
  expect(words[SEEN]).toBe(3);
});
