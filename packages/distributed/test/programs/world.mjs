// What a world does, on each rank; prints one line of JSON.
import { mpi } from '@resnet/distributed';

const world = await mpi();
const { rank, size } = world;
const filled = (length, value) => new Float32Array(length).fill(value);

// Two that go by themselves, small ones around them in two buckets.
const lengths = [3, 70_000, 20_000, 20_000, 5, 70_001];
const arrays = lengths.map((length, i) => filled(length, (rank + 1) * 10 ** -i));
const sums = world.sums(2 ** 16);
for (const array of arrays) sums.add(array);
sums.finish();
// The same ranks, other values: buckets are used again.
const again = [filled(3, rank), filled(70_000, 1)];
for (const array of again) sums.add(array);
sums.finish();

const memory = new WebAssembly.Memory({ initial: 4, maximum: 8, shared: true });
const shared = new Float32Array(memory.buffer, 64, 50_000).fill(rank + 1);
await world.allReduce([shared, filled(1, 1)]);

const now = Float64Array.of(0.1, rank);
world.sumNow(now);
const told = Float32Array.of(rank === 0 ? 7 : 0);
await world.broadcast(told);
await world.barrier();
console.log(
  JSON.stringify({
    rank,
    size,
    members: world.members.length,
    family: world.library.family,
    edges: arrays.map((array) => [array[0], array.at(-1)]),
    again: again.map((array) => array[2]),
    shared: [shared[0], shared.at(-1)],
    now: [...now],
    sum: await world.sum([rank, 2]),
    told: told[0],
    shared2: await world.share(rank === 0 ? { name: 'Zürich' } : null),
    gathered: await world.gather('x'.repeat(rank)),
  }),
);
await world.close();
