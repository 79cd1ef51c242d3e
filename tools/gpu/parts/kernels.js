// Every operation of a training step on the GPU beside the simd backend on the CPU, forward and gradients, at the shapes
// of ResNet-20 and ResNet-50. A line of JSON each: the largest difference over the largest value, and the time.
// Exits with 1 where an operation differs by more than the tolerance. kernels.js [BATCH] [REPEATS]
import { useBackend } from '@resnet/backend';
import { batchNormTraining, padShortcutOp, reluOp } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';

const [size = '64', repeats = '20'] = process.argv.slice(2).map(Number);
const batch = Number(size);
/** As tests hold kernels to: the largest difference over the largest value. Sums of up to a million terms in another order. */
const TOLERANCE = 1e-4;

/** Values in [-1, 1), the same for the same seed. */
function tensor(shape, seed) {
  let state = seed * 2654435761 + 12345;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw), shape);
}

const convolution = (side, from, to, kernel, stride) => ({
  name: `conv ${kernel}×${kernel}/${stride} ${side}×${side} ${from}→${to}`,
  inputs: () => [tensor([batch, side, side, from], 1), tensor([kernel, kernel, from, to], 2)],
  run: (x, w) => tf.conv2d(x, w, stride, (kernel - 1) / 2),
  /** Multiply-adds of the forward pass; each gradient takes as many. */
  multiplyAdds: batch * (side / stride) ** 2 * kernel ** 2 * from * to,
});

const normalization = (side, channels) => ({
  name: `norm ${side}×${side} ${channels}`,
  inputs: () => [tensor([batch, side, side, channels], 1), tensor([channels], 2), tensor([channels], 3)],
  run: (x, scale, offset) => batchNormTraining(x, scale, offset, 1e-5, () => {}),
});

const cases = [
  convolution(32, 3, 16, 3, 1),
  convolution(32, 16, 16, 3, 1),
  convolution(32, 16, 32, 3, 2),
  convolution(16, 32, 32, 3, 1),
  convolution(16, 32, 64, 3, 2),
  convolution(8, 64, 64, 3, 1),
  convolution(224, 3, 64, 7, 2),
  convolution(56, 64, 64, 3, 1),
  convolution(56, 64, 256, 1, 1),
  convolution(56, 256, 128, 1, 1),
  convolution(56, 128, 128, 3, 2),
  convolution(14, 256, 256, 3, 1),
  convolution(14, 1024, 256, 1, 1),
  convolution(7, 512, 512, 3, 1),
  convolution(7, 512, 2048, 1, 1),
  normalization(32, 16),
  normalization(8, 64),
  normalization(56, 256),
  { name: 'ReLU', inputs: () => [tensor([batch, 32, 32, 16], 1)], run: reluOp },
  { name: 'add', inputs: () => [tensor([batch, 32, 32, 16], 1), tensor([batch, 32, 32, 16], 2)], run: tf.add },
  {
    name: 'padded shortcut',
    inputs: () => [tensor([batch, 32, 32, 16], 1)],
    run: (x) => padShortcutOp(x, { stride: 2, before: 8, after: 8 }),
  },
  { name: 'max pooling', inputs: () => [tensor([batch, 112, 112, 64], 1)], run: (x) => tf.maxPool(x, 3, 2, 1) },
  { name: 'global average', inputs: () => [tensor([batch, 8, 8, 64], 1)], run: (x) => tf.mean(x, [1, 2]) },
  { name: 'matmul', inputs: () => [tensor([batch, 2048], 1), tensor([2048, 1000], 2)], run: (x, w) => tf.matMul(x, w) },
];

/** The outputs and the gradients of all inputs. */
function compute({ run }, inputs) {
  return tf.tidy(() => {
    const y = run(...inputs);
    return [y, ...tf.grads(run)(inputs, tensor(y.shape, 9))];
  });
}

async function on(backend, each) {
  await useBackend(backend, { software: Boolean(process.env.SOFTWARE) });
  const inputs = each.inputs();
  const results = compute(each, inputs);
  const values = [];
  for (const result of results) values.push(await result.data());
  tf.dispose(results);
  return { inputs, values };
}

/** Milliseconds of the forward pass alone, queued one after the other. */
async function time({ run }, inputs) {
  const start = performance.now();
  let last;
  for (let i = 0; i < repeats; i++) {
    last?.dispose();
    last = tf.tidy(() => run(...inputs));
  }
  await last.slice(0, 1).data();
  last.dispose();
  return (performance.now() - start) / repeats;
}

function difference(actual, expected) {
  let [apart, largest] = [0, 1e-6];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    const gap = Math.abs(actual[i] - expected[i]);
    if (!(gap <= apart)) apart = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
  }
  return apart / largest;
}

tf.enableProdMode();
for (const each of cases) {
  try {
    const reference = await on('simd', each);
    tf.dispose(reference.inputs);
    const { inputs, values } = await on('webgpu', each);
    const differences = values.map((value, i) => difference(value, reference.values[i]));
    const milliseconds = await time(each, inputs);
    tf.dispose(inputs);
    const gflops = each.multiplyAdds && (2 * each.multiplyAdds) / milliseconds / 1e6;
    const pass = differences.every((apart) => apart < TOLERANCE);
    if (!pass) process.exitCode = 1;
    console.log(
      JSON.stringify({
        name: each.name,
        batch,
        pass,
        differences: differences.map((d) => Number(d.toExponential(1))),
        milliseconds,
        gflops,
      }),
    );
  } catch (error) {
    process.exitCode = 1;
    console.log(JSON.stringify({ name: each.name, batch, error: String(error.message) }));
  }
}
process.exit();
