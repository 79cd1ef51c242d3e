import {
  clipByGlobalNorm,
  evaluate,
  type StepEvent,
  scoreProbabilities,
  softmaxCrossEntropy,
  TrainError,
  train,
} from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { difference, recorded } from './pytorch';
import { collect } from './toys';

let tensors: number;
beforeAll(async () => {
  await tf.setBackend('cpu');
});
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

const { crossEntropy } = recorded;
const [n, classes] = crossEntropy.shape;

/** Losses and the gradient of their mean. */
function lossAndGradient(logits: number[], labels: number[]) {
  return tf.tidy(() => {
    const x = tf.tensor2d(logits, [n, classes]);
    const y = tf.tensor2d(labels, [n, classes]);
    const losses = softmaxCrossEntropy(x, y);
    const gradient = tf.grad((z: tf.Tensor) => tf.mean(softmaxCrossEntropy(z, y)))(x);
    return { losses: [...losses.dataSync()], gradient: [...gradient.dataSync()] };
  });
}

const oneHot = crossEntropy.classes.flatMap((label) =>
  Array.from({ length: classes }, (_, i) => (i === label ? 1 : 0)),
);

const agrees = () => {
  for (const [labels, expected] of [
    [oneHot, crossEntropy.plain],
    [crossEntropy.soft, crossEntropy['soft labels']],
  ] as const) {
    const { losses, gradient } = lossAndGradient(crossEntropy.logits, labels);
    expect(difference(losses, expected.losses)).toBeLessThan(2e-6);
    expect(difference(gradient, expected.gradient)).toBeLessThan(1e-6);
  }
};

describe('softmaxCrossEntropy', () => {
  it('agrees with PyTorch for class labels and soft ones', agrees);

  it('is finite for large scores', () => {
    const logits = crossEntropy.logits.map((_, i) => (i % classes === 0 ? 1000 : -1000));
    const { losses, gradient } = lossAndGradient(logits, oneHot);
    // The first row's label is class 0, which wins; all others lose by 2000.
    expect(losses).toEqual([0, 2000, 2000, 2000, 2000]);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  describe('where the backend has the fused kernel', () => {
    // The contract of the kernel in plain loops, float64 inside.
    const kernelFunc = vi.fn<tf.KernelFunc>(({ inputs, backend }) => {
      const read = (name: string) => (backend as tf.KernelBackend).readSync(inputs[name]!.dataId) as Float32Array;
      const [x, p] = [read('logits'), read('labels')];
      const losses = new Float32Array(n);
      const gradient = x.map((_, at) => {
        const row = Math.floor(at / classes);
        const [xs, ps] = [x, p].map((values) => values.subarray(row * classes, (row + 1) * classes));
        const sum = xs!.reduce((total, value) => total + Math.exp(value), 0);
        losses[row] = ps!.reduce((total, q, i) => total + q * (Math.log(sum) - xs![i]!), 0);
        return (Math.exp(x[at]!) / sum) * ps!.reduce((total, q) => total + q, 0) - p[at]!;
      });
      return [tf.tensor(losses, [n]), tf.tensor(gradient, [n, classes])];
    });
    beforeAll(() => tf.registerKernel({ kernelName: 'ResNetSoftmaxCrossEntropy', backendName: 'cpu', kernelFunc }));
    afterAll(() => tf.unregisterKernel('ResNetSoftmaxCrossEntropy', 'cpu'));

    it('agrees, too', () => {
      agrees();
      expect(kernelFunc).toHaveBeenCalledTimes(4);
    });
  });
});

describe('clipByGlobalNorm', () => {
  it.each(['1', '100'] as const)('agrees with PyTorch for a limit of %s', (limit) => {
    recorded.gradients.forEach((step, i) => {
      const clipped = tf.tidy(() => {
        const gradients = step.map((values, j) => tf.tensor(values, recorded.shapes[j]!));
        return clipByGlobalNorm(gradients, Number(limit)).map((gradient) => [...gradient.dataSync()]);
      });
      expect(difference(clipped.flat(), recorded.clipped[limit][i]!.gradients.flat())).toBeLessThan(1e-6);
    });
  });
});

/** A model that passes its 7 inputs on, so that images are logits: weights are there, but start as the identity. */
function passing(): tf.LayersModel {
  const identity = tf.initializers.identity({ gain: 1 });
  const layers = [
    tf.layers.dense({ inputShape: [classes], units: classes, useBias: false, kernelInitializer: identity }),
  ];
  return tf.sequential({ layers });
}

/** Loss and error that `train` reports for the recorded logits. */
async function reported(
  labels: number[] | Int32Array,
  labelSmoothing: number,
  classWeights?: readonly number[],
): Promise<StepEvent> {
  const model = passing();
  const batches = async function* () {
    yield {
      images: tf.tensor2d(crossEntropy.logits, [n, classes]),
      labels: labels instanceof Int32Array ? labels : { data: Float32Array.from(labels), shape: [n, classes] as const },
    };
  };
  const optimizer = {
    apply: () => {},
    state: () => ({ slots: {}, numbers: {} }),
    restore: () => {},
    dispose: () => {},
  };
  try {
    const options = { labelSmoothing, ...(classWeights && { classWeights }) };
    const events = await collect(train({ model, batches, optimizer, schedule: () => 1, steps: 1, ...options }));
    return events.find((event): event is StepEvent => event.type === 'step')!;
  } finally {
    model.dispose();
  }
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the loss that train reports', () => {
  it("multiplies each image's loss by its class's weight, and counts errors as ever", async () => {
    const labels = Int32Array.from(crossEntropy.classes);
    const weights = Array.from({ length: classes }, (_, i) => 0.5 + i);
    const weighted = await reported(labels, 0, weights);
    const expected = mean(crossEntropy.plain.losses.map((loss, i) => loss * weights[labels[i]!]!));
    expect(difference([weighted.loss], [expected])).toBeLessThan(1e-6);
    expect(weighted.error).toBe((await reported(labels, 0)).error);
    await expect(reported(labels, 0, weights.slice(1))).rejects.toThrow(/classWeights must be \d+ numbers above 0/);
    await expect(reported(labels, 0.9, [1e3, ...weights.slice(1)])).rejects.toThrow(/must differ by less than/);
  });

  const normalized = crossEntropy.soft.map((p, i) => {
    const start = Math.floor(i / classes) * classes;
    return p / crossEntropy.soft.slice(start, start + classes).reduce((sum, q) => sum + q, 0);
  });

  it.each([
    ['class labels', Int32Array.from(crossEntropy.classes), 0, crossEntropy.plain],
    ['smoothed labels', Int32Array.from(crossEntropy.classes), 0.1, crossEntropy.smoothed],
    ['soft labels', crossEntropy.soft, 0, crossEntropy['soft labels']],
    ['soft labels, smoothed', normalized, 0.1, crossEntropy['soft smoothed']],
  ] as const)('agrees with PyTorch for %s', async (_, labels, smoothing, expected) => {
    const { loss } = await reported(labels instanceof Int32Array ? labels : [...labels], smoothing);
    expect(Math.abs(loss - mean(expected.losses))).toBeLessThan(2e-6);
  });

  it('comes with the share of wrong images', async () => {
    const best = Array.from({ length: n }, (_, row) => {
      const scores = crossEntropy.logits.slice(row * classes, (row + 1) * classes);
      return scores.indexOf(Math.max(...scores));
    });
    const labels = best.map((label, row) => (row < 2 ? (label + 1) % classes : label));
    expect((await reported(Int32Array.from(labels), 0)).error).toBeCloseTo(2 / 5, 6);
  });

  it.each([-1, 7])('is refused for label %i of a model of seven classes', async (label) => {
    await expect(reported(Int32Array.of(0, 1, 2, 3, label), 0)).rejects.toThrow(
      new TrainError(
        `train: a label must be a class index from 0 to 6, got ${label}. Give the model as many outputs as there are classes.`,
      ),
    );
  });
});

describe('evaluate', () => {
  /** Measures rows of seven scores. */
  async function measured(rows: number[][], labels: number[]) {
    const model = passing();
    const half = Math.ceil(rows.length / 2);
    const batches = async function* () {
      for (const [from, to] of [
        [0, half],
        [half, rows.length],
      ] as const) {
        yield { images: tf.tensor2d(rows.slice(from, to)), labels: Int32Array.from(labels.slice(from, to)) };
      }
    };
    const result = await evaluate(model, batches());
    model.dispose();
    return result;
  }

  it('agrees with PyTorch on the loss', async () => {
    const rows = Array.from({ length: n }, (_, row) => crossEntropy.logits.slice(row * classes, (row + 1) * classes));
    const { loss, images } = await measured(rows, crossEntropy.classes);
    expect(images).toBe(5);
    expect(Math.abs(loss - mean(crossEntropy.plain.losses))).toBeLessThan(1e-6);
  });

  it('counts top-1 and top-5', async () => {
    const falling = [6, 5, 4, 3, 2, 1, 0];
    // Labels at ranks 1, 2, 5, 6, 7.
    const { error, top5Error } = await measured(Array(5).fill(falling), [0, 1, 4, 5, 6]);
    expect([error, top5Error]).toEqual([4 / 5, 2 / 5]);
  });

  it('gives a tie to the lower index, and takes NaN for wrong', async () => {
    const flat = [0, 0, 0, 0, 0, 0, 0];
    const { error } = await measured([flat, flat, Array(7).fill(Number.NaN)], [0, 1, 0]);
    expect(error).toBe(2 / 3);
  });

  it('is what scoreProbabilities says of the softmax of the same logits', async () => {
    const rows = Array.from({ length: n }, (_, row) => crossEntropy.logits.slice(row * classes, (row + 1) * classes));
    const { seconds: _, ...expected } = await measured(rows, crossEntropy.classes);
    const scored = rows.map((row, i) => {
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
      return { label: crossEntropy.classes[i]!, probabilities: row.map((logit) => Math.exp(logit) / sum) };
    });
    const { loss, ...shares } = scoreProbabilities(scored);
    expect({ ...shares, loss: expected.loss }).toEqual(expected);
    expect(loss).toBeCloseTo(expected.loss, 6);
  });

  it('refuses to measure nothing', async () => {
    const model = passing();
    await expect(evaluate(model, (async function* () {})())).rejects.toThrow(
      /there must be at least one image, got none/,
    );
    model.dispose();
  });

  it('stops when aborted', async () => {
    const model = passing();
    const batches = async function* () {
      yield { images: tf.tensor2d([[1, 0, 0, 0, 0, 0, 0]]), labels: Int32Array.of(0) };
    };
    const reason = new Error('enough');
    await expect(evaluate(model, batches(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    model.dispose();
  });
});

describe('scoreProbabilities', () => {
  it('counts ranks by hand', () => {
    const { error, top5Error, loss, images } = scoreProbabilities([
      { label: 0, probabilities: [0.3, 0.1, 0.1, 0.1, 0.1, 0.3] },
      { label: 5, probabilities: [0.3, 0.1, 0.1, 0.1, 0.1, 0.3] },
      { label: 4, probabilities: [0.3, 0.2, 0.2, 0.1, 0.05, 0.15] },
    ]);
    expect({ error, top5Error, images }).toEqual({ error: 2 / 3, top5Error: 1 / 3, images: 3 });
    expect(loss).toBeCloseTo(-(2 * Math.log(0.3) + Math.log(0.05)) / 3, 12);
  });

  it('refuses no image and a label without probability', () => {
    expect(() => scoreProbabilities([])).toThrow(TrainError);
    expect(() => scoreProbabilities([{ label: 2, probabilities: [0.5, 0.5] }])).toThrow(/from 0 to 1, got 2\. \w/);
  });
});
