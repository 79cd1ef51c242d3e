// Rank 1 fails in one way or another; the others wait for it.
import { mpi } from '@resnet/distributed';

const world = await mpi();
const [, , fault] = process.argv;
const never = new Promise(() => setInterval(() => {}, 1000));
const faults = {
  throws: () => Promise.reject(new Error('no more disk')),
  'throws outside': () => {
    setTimeout(() => {
      throw new Error('no more disk');
    });
    return never;
  },
  exits: () => process.exit(0),
  dies: () => process.kill(process.pid, 'SIGKILL'),
  stops: () => process.kill(process.pid, 'SIGSTOP'),
  waits: () => never,
  'other steps': () => world.sum([1]),
  works: async () => {
    // Longer than patience, with signs of life.
    await world.working(() => new Promise((resolve) => setTimeout(resolve, 6000)));
  },
};
if (world.rank === 1) await faults[fault]();
await world.barrier();
console.log(`rank ${world.rank} is done`);
await world.close();
