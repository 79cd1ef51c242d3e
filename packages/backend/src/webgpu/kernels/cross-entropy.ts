import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import { crossEntropyRows, measure } from '../wgsl/cross-entropy';
import { softmaxCrossEntropy as byRow } from '../wgsl/softmax-cross-entropy';

/** Loss of each row and its gradient by the logits: `[losses [n], gradient [n, k]]`. */
export const softmaxCrossEntropy: WebGpuKernel = ({ backend, inputs }) => {
  const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
  const [n = 0, k = 0] = logits.shape;
  const [losses, gradient] = [backend.makeOutput([n]), backend.makeOutput([n, k])];
  const blocks = [logits, labels, losses, gradient].map((tensor) => backend.block(tensor));
  backend.run(planned(byRow, n, k), blocks);
  return [losses, gradient];
};

/**
 * All that a training step needs to know of its scores: `[loss [], measured [2], gradient [n, k]]`, loss being Σ over rows / `total`,
 * measured that and the share of rows whose largest score is not that of their label, gradient the loss's by the logits.
 */
export const crossEntropy: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
  const [n = 0, k = 0] = logits.shape;
  const total = attrs.total as number;
  const [loss, measured, gradient] = [[], [2], [n, k]].map((shape) => backend.makeOutput(shape)) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const losses = backend.take(2 * n);
  backend.run(planned(crossEntropyRows, n, k, total), [
    ...[logits, labels, gradient].map((tensor) => backend.block(tensor)),
    losses,
  ]);
  backend.run(planned(measure, n, total), [losses, backend.block(loss), backend.block(measured)]);
  losses.release();
  return [loss, measured, gradient];
};
