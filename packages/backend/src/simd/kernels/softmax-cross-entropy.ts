import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import { chunksOf, type SimdKernel } from '../kernel';

const BLOCK = 32;

/** Loss by row and its gradient by the logits, in double precision inside: `[losses [n], gradient [n, k]]`. */
export const softmaxCrossEntropy: SimdKernel = ({ backend, inputs }) => {
  const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
  const [n = 0, k = 0] = logits.shape;
  const pointers = [backend.pointer(logits), backend.pointer(labels)];
  const losses = backend.makeOutputTensor([n]);
  const gradient = backend.makeOutputTensor([n, k]);
  const args = [...pointers, backend.pointer(losses), backend.pointer(gradient), n, k, BLOCK];
  backend.runtime.run(Job.SoftmaxCrossEntropy, 'softmax cross-entropy', chunksOf(n, BLOCK), args, n * k > 5000);
  return [losses, gradient];
};
