import * as tf from '@tensorflow/tfjs';

/**
 * Cross-entropy of softmax(logits) against probabilities, one for each row, with its gradient in closed form:
 * `softmax(logits) · Σ labels − labels`.
 *
 * One `ResNetSoftmaxCrossEntropy` kernel call where the backend has it.
 *
 * @param logits `[n, classes]`
 * @param labels `[n, classes]`; not differentiated.
 * @returns `[n]`, in nats.
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const run = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const [losses, gradient] = lossesAndGradient(x, labels);
    save([gradient]);
    return { value: losses, gradFunc: (dy, saved) => tf.mul(tf.expandDims(dy, 1), saved[0]!) };
  });
  return run(logits);
}

function lossesAndGradient(logits: tf.Tensor, labels: tf.Tensor): [tf.Tensor, tf.Tensor] {
  if (!tf.getKernel(fusedKernel, tf.getBackend())) return composed(logits, labels);
  const [losses, gradient] = tf.engine().runKernel(fusedKernel, { logits, labels }) as tf.Tensor[];
  return [losses!, gradient!];
}

const fusedKernel = 'ResNetSoftmaxCrossEntropy';

function composed(logits: tf.Tensor, labels: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const sums = tf.sum(exponentials, 1, true);
  const mass = tf.sum(labels, 1, true);
  const losses = tf.sum(tf.mul(labels, tf.sub(tf.log(sums), shifted)), 1);
  const gradient = tf.sub(tf.mul(exponentials, tf.div(mass, sums)), labels);
  return [losses, gradient];
}

/** The loss of a batch, and what is read of it. */
export interface BatchLoss {
  /** Mean loss, to be differentiated. */
  readonly loss: tf.Scalar;
  /** `[loss, share of rows whose largest score is not their label's]`; kept: the caller's to dispose. */
  readonly measured: tf.Tensor;
}

/**
 * Cross-entropy of a batch of scores, divided by `total` images, with its gradient in closed form.
 *
 * One `ResNetCrossEntropy` kernel call where the backend has it.
 *
 * @param logits `[n, classes]`
 * @param labels `[n, classes]`; not differentiated.
 */
export function batchLoss(logits: tf.Tensor, labels: tf.Tensor, total: number): BatchLoss {
  const measured: tf.Tensor[] = [];
  const run = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const parts = batchLossParts(x, labels, total);
    measured.push(tf.keep(parts.measured));
    save([parts.gradient]);
    return { value: parts.loss, gradFunc: (dy, saved) => tf.mul(dy, saved[0]!) };
  });
  const loss = run(logits).asScalar();
  return { loss, measured: measured[0]! };
}

type BatchLossParts = Record<'loss' | 'measured' | 'gradient', tf.Tensor>;

function batchLossParts(logits: tf.Tensor, labels: tf.Tensor, total: number): BatchLossParts {
  if (tf.getKernel('ResNetCrossEntropy', tf.getBackend())) {
    const outputs = tf.engine().runKernel('ResNetCrossEntropy', { logits, labels }, { total }) as tf.Tensor[];
    return { loss: outputs[0]!, measured: outputs[1]!, gradient: outputs[2]! };
  }
  const [losses, gradient] = lossesAndGradient(logits, labels);
  const wrong = tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32');
  const loss = tf.div(tf.sum(losses), total);
  return { loss, measured: tf.stack([loss, tf.div(tf.sum(wrong), total)]), gradient: tf.div(gradient, total) };
}
