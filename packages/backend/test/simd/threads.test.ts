import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { profileSimd, registerSimd, SimdThreadError, setThreads, simdInfo } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { on, start, tensor, workers } from './on-both';

/** All bits of some results, in a form that is quick to compare. */
const bits = (results: Float32Array[]): string =>
  results
    .map(({ buffer, byteOffset, byteLength }) =>
      createHash('sha256')
        .update(new Uint8Array(buffer, byteOffset, byteLength))
        .digest('hex'),
    )
    .join();
const allBits = async (): Promise<string> => bits(await on('simd', everything));

beforeAll(async () => {
  await start(1);
  await tf.setBackend('simd');
});

/** Results of kernels of all kinds, large enough for many chunks. */
function everything(): tf.Tensor[] {
  const x = tensor<tf.Rank.R4>([24, 16, 16, 16], 1);
  const [w, strided] = [tensor<tf.Rank.R4>([3, 3, 16, 32], 2), tensor<tf.Rank.R4>([3, 3, 16, 24], 3)];
  const run = (name: string, inputs: tf.NamedTensorMap, attributes: object) =>
    tf.engine().runKernel(name, inputs, { ...attributes }) as tf.Tensor[];
  const c = tf.conv2d(x, w, 1, 1);
  const [y, mean, variance] = run(
    'ResNetBatchNorm',
    { x: c, scale: tf.ones([32]), offset: tf.zeros([32]) },
    { epsilon: 1e-5 },
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const positive = tf.relu(y);
  const dy = run('ResNetReluGrad', { dy: tensor(y.shape, 4), y: positive }, {});
  const gradients = run(
    'ResNetBatchNormGrad',
    { dy: [dy].flat()[0]!, x: c, scale: tf.ones([32]), mean, variance },
    { epsilon: 1e-5 },
  );
  const convolve = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 1);
  const half = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, 1);
  return [
    c, positive, mean, variance, ...gradients,
    ...tf.grads(convolve)([x, w], gradients[0]!),
    half(x, strided), ...tf.grads(half)([x, strided], tensor([24, 8, 8, 24], 5)),
    tf.mean(x, [1, 2]), tf.matMul(tensor([300, 200], 6), tensor([200, 100], 7)),
  ]; // biome-ignore format: one line for one subject
}

describe('threads', () => {
  it('do not change a bit: 1, 2 and 4 give the same', async () => {
    const results: string[] = [];
    for (const threads of [1, 2, 4]) {
      setThreads(threads);
      expect(simdInfo().threads).toBe(threads);
      results.push(await allBits());
    }
    const [one, two, four] = results;
    expect(one).toEqual(two);
    expect(one).toEqual(four);
  });

  it('and from run to run neither', async () => {
    setThreads(2);
    expect(await allBits()).toEqual(await allBits());
  });

  it('work on memory that grew while they were awake', async () => {
    setThreads(2);
    await tf.setBackend('simd');
    tf.tidy(() => {
      const x = tf.fill([2 ** 20], -1);
      const all = Array.from({ length: 100 }, () => tf.relu(x)); // nothing else between two jobs
      expect(all.map((y) => y.max().dataSync()[0])).toEqual(all.map(() => 0));
    });
  });

  it('that died are named in an error, after which one thread goes on', async () => {
    setThreads(2);
    const before = await allBits();
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
    await expect(allBits()).rejects.toThrow(SimdThreadError);
    expect(simdInfo().threads).toBe(1);
    expect(await allBits()).toEqual(before);
    setThreads(2);
    expect(await allBits()).toEqual(before);
  });

  it('say so when there is no backend yet', () => {
    const script = `import { setThreads } from '@resnet/backend'; setThreads(2);`;
    return expect(runNode(script)).rejects.toThrow(/registerSimd/);
  });
});

const runNode = (script: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr || String(error))) : resolve(stdout),
    );
  });

describe('the process', () => {
  it('ends by itself while workers sleep', async () => {
    const script = `
      import * as tf from '@tensorflow/tfjs';
      import { registerSimd } from '@resnet/backend';
      await registerSimd({ threads: 4 });
      await tf.setBackend('simd');
      console.log(tf.conv2d(tf.ones([8, 16, 16, 16]), tf.ones([3, 3, 16, 16]), 1, 1).max().dataSync()[0]);`;
    expect(await runNode(script)).toBe('144\n');
  });

  it('does not need to be told twice', async () => {
    await registerSimd({ threads: 3 });
    expect(simdInfo().threads).toBe(3);
    await registerSimd();
    expect(simdInfo().threads).toBe(3);
  });
});

describe('profileSimd', () => {
  it('tells what took how long, the longest first', async () => {
    const times = await profileSimd(async () => void (await allBits()));
    expect(times.length).toBeGreaterThan(5);
    expect(times.map(({ seconds }) => seconds)).toEqual(times.map(({ seconds }) => seconds).sort((a, b) => b - a));
    // Convolution and input gradient; the filter gradient may ride along with the latter.
    expect(times.filter(({ kernel }) => kernel.startsWith('winograd')).length).toBeGreaterThanOrEqual(2);
  });
});
