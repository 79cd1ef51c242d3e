import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import { softmaxCrossEntropy as program } from '../wgsl/softmax-cross-entropy';

/** Loss of each row and its gradient by the logits: `[losses [n], gradient [n, k]]`. */
export const softmaxCrossEntropy: WebGpuKernel = ({ backend, inputs }) => {
  const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
  const [n = 0, k = 0] = logits.shape;
  const [losses, gradient] = [backend.makeOutput([n]), backend.makeOutput([n, k])];
  backend.run(
    planned(program, n, k),
    [logits, labels, losses, gradient].map((tensor) => backend.block(tensor)),
  );
  return [losses, gradient];
};
