/** Our batches of photos, by turns: photos-side.mjs FOLDER training|evaluation WORKERS BATCH. See photos.mjs. */
import { createInterface } from 'node:readline';
import { batches, openSource, subsetDataset } from '@resnet/data';

const [folder, mode, workers, batchSize] = process.argv.slice(2);
const source = await openSource(folder, { maxPackedBytes: 0 });
const photos = await source.read('train');
// So many that no turn waits for the threads of a new epoch.
const REPEATS = 200;
const endless = subsetDataset(
  photos,
  Int32Array.from({ length: REPEATS * photos.length }, (_, i) => i % photos.length),
);
const augment =
  mode === 'training'
    ? { module: '@resnet/augment', export: 'imagenet' }
    : { module: '@resnet/augment', export: 'centerView', options: { shorter: 256, size: 224 } };

async function* stream() {
  for (let epoch = 0; ; epoch++) {
    yield* batches(endless, {
      batchSize: Number(batchSize),
      epoch,
      augment,
      normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      workers: Number(workers),
    });
  }
}

const all = stream();
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
/** What lay ready when a turn began is not counted: two batches a worker, and those in the making. */
const ready = 3 * Math.max(1, Number(workers));

async function turn(steps) {
  const cpu = cpuSeconds();
  for (let i = 0; i < ready; i++) await all.next();
  const start = performance.now();
  for (let i = 0; i < steps; i++) await all.next();
  const seconds = (performance.now() - start) / 1000 / steps;
  const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ seconds: [seconds], cpuSeconds: cpuSeconds() - cpu, peakRssMb }));
}

await turn(2);
for await (const line of createInterface({ input: process.stdin })) await turn(Number(line));
process.exit();
