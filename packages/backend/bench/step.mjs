// Time of one training step on the simd backend, kernel by kernel: node bench/step.mjs [model] [batch] [threads] [steps] [simd128|relaxed]
import { profileSimd, registerSimd, simdInfo } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';

const [name = 'resnet20', batch = 128, threads = 2, steps = 10, level] = process.argv.slice(2);
await registerSimd({ threads: Number(threads), level });
await tf.setBackend('simd');
const model = createModel(name);
const shape = [Number(batch), ...model.inputs[0].shape.slice(1)];
const images = {
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random() * 2 - 1),
  shape,
};
const always = { images, labels: Int32Array.from({ length: Number(batch) }, (_, i) => i % 10) };

async function* batches() {
  for (;;) yield always;
}

function run(count) {
  const seconds = [];
  const options = { model, batches, optimizer: sgd(), schedule: () => 0.01, steps: count, readEvery: 1 };
  return new Promise((resolve, reject) => {
    train(options).subscribe({
      next: (event) => event.type === 'step' && seconds.push(event.seconds - event.secondsForData),
      error: reject,
      complete: () => resolve(seconds),
    });
  });
}

function infer(count) {
  return Array.from({ length: count }, () => {
    const start = performance.now();
    tf.tidy(() => model.predict(tf.tensor4d(images.data, shape)).dataSync());
    return (performance.now() - start) / 1000;
  });
}

const statistics = (seconds) => {
  const sorted = seconds.slice(2).sort((a, b) => a - b);
  return `min ${sorted[0].toFixed(4)} s, median ${sorted[sorted.length >> 1].toFixed(4)} s`;
};

const { simd } = simdInfo();
if (process.env.INFER) {
  console.log(`${name} batch ${batch}, ${threads} threads, ${simd}: inference ${statistics(infer(Number(steps) + 2))}`);
} else {
  console.log(`${name} batch ${batch}, ${threads} threads, ${simd}: step ${statistics(await run(Number(steps) + 2))}`);
}
if (process.env.PROFILE) {
  const times = await profileSimd(async () => void (process.env.INFER ? infer(5) : await run(5)));
  for (const { kernel, calls, seconds } of times) {
    console.log(
      `${kernel.padEnd(40)} ${String(calls / 5).padStart(5)} calls ${((seconds * 1000) / 5).toFixed(2).padStart(8)} ms`,
    );
  }
  console.log(`in kernels: ${((times.reduce((sum, time) => sum + time.seconds, 0) * 1000) / 5).toFixed(1)} ms a step`);
}
const { poolBytes } = simdInfo();
console.log(
  `pool ${(poolBytes / 2 ** 20).toFixed(0)} MiB, peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, ${tf.memory().numTensors} tensors`,
);
