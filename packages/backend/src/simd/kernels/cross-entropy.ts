import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend';
import { chunksOf, type SimdKernel } from '../kernel';
import type { Block } from '../pool';

const BLOCK = 32;

/** Where the losses of rows go, and which of them are wrong. */
interface Rows {
  losses: Block;
  wrong?: Block;
}

/** Runs the rows; returns the gradient by the logits, times `factor`. */
function byRow(
  backend: SimdBackend,
  { logits, labels }: Record<'logits' | 'labels', TensorInfo>,
  { losses, wrong }: Rows,
  factor: number,
): TensorInfo {
  const [n = 0, k = 0] = logits.shape;
  const given = { logits: backend.pointer(logits), labels: backend.pointer(labels) };
  const gradient = backend.makeOutputTensor([n, k]);
  const out = { losses: losses.pointer, wrong: wrong?.pointer, gradient: backend.pointer(gradient) };
  const args = { ...given, ...out, rows: n, classes: k, block: BLOCK, factor };
  const work = { label: 'softmax cross-entropy', chunks: chunksOf(n, BLOCK), parallel: n * k > 5000 };
  backend.runtime.run('SoftmaxCrossEntropy', args, work);
  return gradient;
}

/** Loss by row and its gradient by the logits, in double precision inside: `[losses [n], gradient [n, k]]`. */
export const softmaxCrossEntropy: SimdKernel = ({ backend, inputs }) => {
  const given = inputs as Record<'logits' | 'labels', TensorInfo>;
  const losses = backend.makeOutputTensor([given.logits.shape[0] ?? 0]);
  return [losses, byRow(backend, given, { losses: backend.block(losses) }, 1)];
};

/**
 * All that a training step needs to know of its scores: `[loss [], measured [2], gradient [n, k]]`, loss being Σ over rows / `total`, measured that and
 * the share of rows whose largest score is not that of their label, gradient the loss's by the logits.
 */
export const crossEntropy: SimdKernel = ({ backend, inputs, attrs }) => {
  const given = inputs as Record<'logits' | 'labels', TensorInfo>;
  const rows = given.logits.shape[0] ?? 0;
  const total = attrs.total as number;
  const [losses, wrong] = [backend.temporary(rows * 4, 'losses'), backend.temporary(rows * 4, 'errors')];
  const gradient = byRow(backend, given, { losses, wrong }, 1 / total);
  const [loss, measured] = [backend.makeOutputTensor([]), backend.makeOutputTensor([2])];
  const out = { measured: backend.pointer(measured), loss: backend.pointer(loss) };
  const args = { losses: losses.pointer, wrong: wrong.pointer, ...out, rows, total };
  backend.runtime.run('Measure', args, { label: 'softmax cross-entropy', chunks: 1 });
  losses.release();
  wrong.release();
  return [loss, measured, gradient];
};
