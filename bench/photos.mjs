/**
 * Batches of photos for ImageNet's recipe, ours and torchvision's (DataLoader with Pillow), alternating in one run; then where our time
 * goes. Images a second of both, for training and evaluation, with 1 and 2 workers.
 *
 *   npm run bench:data -- --photos FOLDER --rounds 5 --steps 8
 *
 * FOLDER has photos in `train/CLASS`. Needs `npm run build` and a Python with torchvision (Debian: apt install python3-torchvision).
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { imagenet } from '@resnet/augment';
import { decodeRegion, openSource, regionPlan, resizeRegion, seededRandom } from '@resnet/data';
import { alternate, median } from './alternate.mjs';

const { values: options } = parseArgs({
  options: {
    photos: { type: 'string' },
    workers: { type: 'string', default: '1,2' },
    batch: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '8' },
    python: { type: 'string', default: '' },
  },
});

const end = (message) => {
  console.error(message);
  process.exit(1);
};
if (!options.photos) end('bench:data: --photos must name a folder of photos in train/CLASS, got none.');

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function findPython() {
  const candidates = options.python ? [options.python] : ['python3', '/usr/bin/python3'];
  const found = candidates.find((python) => {
    try {
      execFileSync(python, ['-c', 'import torchvision'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  return found ?? end(`bench:data: torchvision must be there for one of ${candidates.join(', ')}, or name a --python.`);
}

/** Milliseconds an image on this thread, by stage, over all training photos. */
async function stages() {
  const dataset = await (await openSource(options.photos, { maxPackedBytes: 0 })).read('train');
  const augment = imagenet();
  const total = { read: 0, decode: 0, resize: 0 };
  const timed = async (stage, work) => {
    const start = performance.now();
    const result = await work();
    total[stage] += performance.now() - start;
    return result;
  };
  for (let i = 0; i < dataset.length; i++) {
    const { bytes, file } = await timed('read', () => dataset.readEncoded(i));
    const choose = (size) => regionPlan(size, augment.plan(size, seededRandom(0, 0, i)));
    const { image, choice } = await timed('decode', () => decodeRegion(bytes, file, choose));
    await timed('resize', () => resizeRegion(image.data, choice));
  }
  return Object.entries(total).map(([stage, ms]) => `${stage} ${(ms / dataset.length).toFixed(2)}`);
}

const python = findPython();
const batch = Number(options.batch);
console.log(
  `${cpus().length} × ${cpus()[0].model}, Node ${process.version}; images/s, the medians of ${options.rounds} rounds`,
);
console.log('| | workers | @resnet/data | torchvision | ratio | others used |\n|---|--:|--:|--:|--:|--:|');
for (const mode of ['training', 'evaluation']) {
  for (const workers of options.workers.split(',')) {
    const args = [options.photos, mode, workers, options.batch];
    const sides = [
      { name: 'torchvision', command: [python, here('torchvision-side.py'), ...args] },
      { name: '@resnet/data', command: [process.execPath, here('photos-side.mjs'), ...args] },
    ];
    const found = await alternate(`${mode}, ${workers} workers`, sides, {
      rounds: Number(options.rounds),
      steps: Number(options.steps),
    });
    const rate = ({ seconds }) => Math.round(batch / median(seconds));
    const others = `${Math.round(100 * found.others)} %`;
    console.log(
      `| ${mode} | ${workers} | ${rate(found.second)} | ${rate(found.first)} | ${found.ratio.toFixed(2)} | ${others} |`,
    );
  }
}
console.log(`milliseconds a training image on one thread: ${(await stages()).join(', ')}`);
