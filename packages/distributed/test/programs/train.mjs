// Trains a small net on each rank and prints its losses and a hash of all weights: one line of JSON a rank.
// The argument is JSON: { backend, steps, batch, together, golden }.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { registerSimd } from '@resnet/backend';
import { BatchNorm, normalizeTogether } from '@resnet/blocks';
import { dataParallel, mpi } from '@resnet/distributed';
import { createModel, loadWeights, torchvisionNames } from '@resnet/models';
import { parseSafetensors, toFloat32 } from '@resnet/safetensors';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';

const { backend, steps, batch, together, golden } = JSON.parse(process.argv[2]);
const parallel = dataParallel(await mpi());
const { rank, size } = parallel;
if (backend === 'simd') await registerSimd({ threads: 1 });
await tf.setBackend(backend);
if (together) normalizeTogether(parallel.statistics);

/** This rank's part of `images` of a batch. */
const bounds = (images) => [Math.floor((rank * images) / size), Math.floor(((rank + 1) * images) / size)];

function partOf(data, labels, shape) {
  const [first, end] = bounds(labels.length);
  // A rank without an image of its own computes on the first one.
  const [from, to] = first < end ? [first, end] : [0, 1];
  const each = shape.reduce((product, n) => product * n, 1);
  return {
    images: { data: data.slice(from * each, to * each), shape: [to - from, ...shape] },
    labels: labels.slice(from, to),
    part: { images: end - first, of: labels.length },
  };
}

function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const shape = backend === 'cpu' ? [4, 4, 3] : [8, 8, 3];
function* invented() {
  for (let i = 0; ; i++) {
    const draw = random(i + 1);
    const labels = Int32Array.from({ length: batch }, () => Math.floor(draw() * 3));
    const data = Float32Array.from({ length: batch * shape[0] * shape[1] * 3 }, () => draw() - 0.3);
    yield partOf(data, labels, shape);
  }
}

function small() {
  const init = (seed) => tf.initializers.randomNormal({ stddev: 0.3, seed });
  const conv = { filters: 4, kernelSize: 3, padding: 'same', useBias: false, kernelInitializer: init(1) };
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: shape, ...conv }),
      new BatchNorm({}),
      tf.layers.reLU({}),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 3, kernelInitializer: init(2) }),
    ],
  });
}

function recorded(path) {
  const { tensors } = parseSafetensors(readFileSync(path));
  const images = tensors.get('images');
  const [, count, channels, height, width] = images.shape;
  const labels = Int32Array.from(toFloat32(tensors.get('labels')));
  const each = count * channels * height * width;
  const init = [...tensors].filter(([name]) => name.startsWith('init.')).map(([name, value]) => [name.slice(5), value]);
  const model = createModel('resnet8', { shortcut: 'B', inputShape: [height, width, channels] });
  loadWeights(model, torchvisionNames(new Map(init)));
  const batches = function* () {
    for (let i = 0; i < images.shape[0]; i++) {
      const data = toFloat32(images).subarray(i * each, (i + 1) * each);
      const last = tf.tidy(() => tf.transpose(tf.tensor4d(data, [count, channels, height, width]), [0, 2, 3, 1]));
      const own = partOf(last.dataSync(), labels.slice(i * count, (i + 1) * count), [height, width, channels]);
      last.dispose();
      yield own;
    }
  };
  return { model, batches, steps: images.shape[0] };
}

const what = golden
  ? recorded(golden)
  : {
      model: backend === 'cpu' ? small() : createModel('resnet8', { seed: 1, inputShape: shape, classes: 3 }),
      batches: invented,
      steps,
    };
const losses = [];
const reports = [];
await new Promise((resolve, reject) =>
  train({
    ...what,
    optimizer: sgd({ weightDecay: golden ? 0.01 : 1e-4 }),
    schedule: golden ? 0.005 : 0.02,
    parallel,
    onRecording: (report) => reports.push('reason' in report ? report.reason : 'recorded'),
  }).subscribe({
    next: (event) => event.type === 'step' && losses.push(event.loss),
    error: reject,
    complete: resolve,
  }),
);
const hash = createHash('sha256');
for (const weight of what.model.trainableWeights) hash.update(new Uint8Array(weight.read().dataSync().buffer));
console.log(JSON.stringify({ rank, losses, reports, weights: hash.digest('hex') }));
await parallel.world.close();
