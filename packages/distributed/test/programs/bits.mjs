// Sums of numbers that rounding depends on the order of: a hash of the bits, the same in every rank and run.
import { createHash } from 'node:crypto';
import { mpi } from '@resnet/distributed';

const world = await mpi();
let state = 12345 + world.rank;
const next = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state / 2 ** 32 - 0.5) * 2 ** (state % 20);
};
const values = Float32Array.from({ length: 100_003 }, next);
await world.allReduce([values.subarray(0, 1), values.subarray(1, 500), values.subarray(500)]);
console.log(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex'));
await world.close();
