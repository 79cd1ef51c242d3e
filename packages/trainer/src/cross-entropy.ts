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
