import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../src/webgpu/recording/step';
import { asTensors, inputsAt, record, run, smallStep } from './small-step';
import { expectSame, hasDriver, start, tensor } from './software';

describe.skipIf(!hasDriver)('kernels of a training step on webgpu', () => {
  beforeAll(start);

  it.each([
    [7, 10],
    [3, 100],
  ])('cross-entropy of %i rows and %i classes: loss, errors and gradient, by hand', async (n, k) => {
    await tf.setBackend('webgpu');
    const logits = tensor<tf.Rank.R2>([n, k], 1);
    const labels = tf.oneHot(
      tf.tensor1d(
        Array.from({ length: n }, (_, i) => (i * 3) % k),
        'int32',
      ),
      k,
    ) as tf.Tensor2D;
    const [loss, measured, gradient] = run('ResNetCrossEntropy', { logits, labels: labels.toFloat() }, { total: n });
    const x = await logits.array();
    const rows = x.map((row, i) => {
      const sum = row.reduce((total, value) => total + Math.exp(value), 0);
      const label = (i * 3) % k;
      const wrong = row.indexOf(Math.max(...row)) === label ? 0 : 1;
      return {
        loss: Math.log(sum) - row[label]!,
        wrong,
        gradient: row.map((value, j) => (Math.exp(value) / sum - (j === label ? 1 : 0)) / n),
      };
    });
    const mean = (of: 'loss' | 'wrong') => rows.reduce((total, row) => total + row[of], 0) / n;
    expect((await loss!.data())[0]).toBeCloseTo(mean('loss'), 5);
    const [first, second] = await measured!.data();
    expect([first!, second!]).toEqual([expect.closeTo(mean('loss'), 5), expect.closeTo(mean('wrong'), 6)]);
    for (const [i, row] of ((await gradient!.array()) as number[][]).entries()) {
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(rows[i]!.gradient[j]!, 6);
    }
  });

  it('running statistics, by hand', async () => {
    await tf.setBackend('webgpu');
    const [mean, variance] = [tf.tensor1d([1, -2]), tf.tensor1d([4, 9])];
    const [runningMean, runningVariance] = [tf.tensor1d([0.5, 1]), tf.tensor1d([1, 2])];
    const attributes = { keep: 0.75, addMean: 0.25, addVariance: 0.5 };
    const [m, v] = run('ResNetRunningStatistics', { mean, variance, runningMean, runningVariance }, attributes);
    expect([...(await m!.data())]).toEqual([0.625, 0.25]);
    expect([...(await v!.data())]).toEqual([2.75, 6]);
  });

  it('momentum, by hand', async () => {
    await tf.setBackend('webgpu');
    const inputs = { rate: tf.scalar(0.5), w0: tf.tensor1d([1, 2]), g0: tf.tensor1d([3, -1]), v0: tf.tensor1d([8, 4]) };
    const [w, v] = run('ResNetMomentumUpdate', inputs, { count: 1, momentum: 0.5, nesterov: false, decay: [0.25] });
    expect([...(await v!.data())]).toEqual([7.25, 1.5]);
    expect([...(await w!.data())]).toEqual([-2.625, 1.25]);
  });

  it('AdamW, by hand', async () => {
    await tf.setBackend('webgpu');
    const numbers = { correction: tf.scalar(0.5), stride: tf.scalar(0.25), kept: tf.scalar(0.5) };
    const of = (i: number) => ({
      [`w${i}`]: tf.tensor1d([1, 2]),
      [`g${i}`]: tf.tensor1d([3, -1]),
      [`m${i}`]: tf.tensor1d([0.5, 0]),
      [`v${i}`]: tf.tensor1d([4, 1]),
    });
    const rule = { count: 2, beta1: 0.5, beta2: 0.75, epsilon: 1, decay: [true, false] };
    const outputs = run('ResNetAdamWUpdate', { ...numbers, ...of(0), ...of(1) }, rule);
    const [w, m, v, undecayed] = await Promise.all(outputs.map((output) => output.data()));
    expect([...m!]).toEqual([1.75, -0.5]);
    expect([...v!]).toEqual([5.25, 1]);
    // The step is 0.25 · m / (2 · √v + 1).
    const steps = [(0.25 * 1.75) / (2 * Math.sqrt(5.25) + 1), (0.25 * -0.5) / 3];
    expect([...w!]).toEqual([expect.closeTo(0.5 - steps[0]!, 6), expect.closeTo(1 - steps[1]!, 6)]);
    expect([...undecayed!]).toEqual([expect.closeTo(1 - steps[0]!, 6), expect.closeTo(2 - steps[1]!, 6)]);
  });

  it.each([0, 3])('the padded shortcut with %i channels before', (before) =>
    expectSame(() => {
      const x = tensor<tf.Rank.R4>([2, 5, 6, 8], 1);
      if (tf.getBackend() === 'cpu') {
        const kept = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, 2, 2, 1]);
        const y = tf.pad(kept, [
          [0, 0],
          [0, 0],
          [0, 0],
          [before, 8 - before],
        ]);
        return [y];
      }
      return [run('ResNetPadShortcut', { x }, { stride: 2, before, after: 8 - before })].flat();
    }),
  );
});

describe.skipIf(!hasDriver)('a recorded step on webgpu', () => {
  beforeAll(start);

  it('replays to the bit what runs eagerly, six steps and their state', async () => {
    await tf.setBackend('webgpu');
    const values = Array.from({ length: 6 }, (_, i) => inputsAt(i));
    const [eager, recorded] = [smallStep(), smallStep()];
    const expected: Float32Array[] = [];
    for (const value of values) expected.push(await eager.step(...asTensors(value)).data<'float32'>());
    const got: Float32Array[] = [];
    // Read only later: commands wait meanwhile, and what a recording gave back must not change under them.
    const outputs = [recorded.step(...asTensors(values[0]!))];
    const traces: (readonly string[])[] = [];
    let last: StepRecord | undefined;
    for (const i of [1, 2]) {
      const inputs = asTensors(values[i]!);
      last = record(inputs, recorded.state, () => recorded.step(...inputs));
      if (!('recording' in last)) throw new Error(last.reason);
      traces.push(last.recording.trace);
      outputs.push(last.output as tf.Tensor);
      tf.dispose(inputs);
      if (i === 1) last.recording.dispose();
    }
    for (const output of outputs) got.push(await output.data<'float32'>());
    expect(traces[1]).toEqual(traces[0]);
    if (!last || !('recording' in last)) throw new Error('no recording');
    for (const i of [3, 4, 5]) got.push(await (last.recording.replay(values[i]!) as tf.Tensor).data<'float32'>());
    expect(got).toEqual(expected);
    const stateOf = (variables: tf.Variable[]) => Promise.all(variables.map((variable) => variable.data()));
    expect(await stateOf(recorded.state())).toEqual(await stateOf(eager.state()));
    last.recording.dispose();
    expect(await stateOf(recorded.state())).toEqual(await stateOf(eager.state()));
  });

  it('takes over what was assigned from outside, and refuses while somebody holds a clone', async () => {
    await tf.setBackend('webgpu');
    const recorded = smallStep();
    const inputs = asTensors(inputsAt(1));
    const result = record(inputs, recorded.state, () => recorded.step(...inputs));
    if (!('recording' in result)) throw new Error(result.reason);
    const before = await Promise.all(recorded.state().map((variable) => variable.array()));
    const first = await (result.recording.replay(inputsAt(2)) as tf.Tensor).data();
    const clone = recorded.state()[0]!.clone();
    expect(result.recording.replay(inputsAt(2))).toBeNull();
    clone.dispose();
    recorded.state().forEach((variable, i) => {
      tf.tidy(() => variable.assign(tf.tensor(before[i] as number[]) as tf.Tensor<tf.Rank>));
    });
    expect(await (result.recording.replay(inputsAt(2)) as tf.Tensor).data()).toEqual(first);
  });

  it('gives a reason where a step reads a value in JavaScript', async () => {
    await tf.setBackend('webgpu');
    const x = tf.tensor1d([1, 2]);
    const result = record(
      [x],
      () => [],
      () => {
        const y = tf.relu(tf.mul(x, x));
        void y.data();
        return y;
      },
    );
    expect(result).toMatchObject({ reason: 'a value is read in JavaScript' });
  });
});
