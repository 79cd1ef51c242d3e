import type { TensorInfo } from '@tensorflow/tfjs-core';
import { chunksOf, type SimdKernel } from '../kernel';

const BLOCK = 32;

/** Loss by row and its gradient by the logits, in double precision inside: `[losses [n], gradient [n, k]]`. */
export const softmaxCrossEntropy: SimdKernel = ({ backend, inputs }) => {
  const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
  const [n = 0, k = 0] = logits.shape;
  const given = { logits: backend.pointer(logits), labels: backend.pointer(labels), rows: n, classes: k, block: BLOCK };
  const losses = backend.makeOutputTensor([n]);
  const gradient = backend.makeOutputTensor([n, k]);
  backend.runtime.run(
    'SoftmaxCrossEntropy',
    { ...given, losses: backend.pointer(losses), gradient: backend.pointer(gradient) },
    { label: 'softmax cross-entropy', chunks: chunksOf(n, BLOCK), parallel: n * k > 5000 },
  );
  return [losses, gradient];
};
