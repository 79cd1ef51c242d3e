import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel, withGradient } from '../kernels';

/** max(x, 0). Its gradient looks at the output only, so that the input need not be kept. */
export const reluOp = (x: tf.Tensor): tf.Tensor =>
  withGradient(
    [x],
    () => {
      const y = tf.relu(x);
      return { value: y, saved: [y] };
    },
    (dy, [y]) => [
      hasKernel('ResNetReluGrad') ? runKernel('ResNetReluGrad', { dy, y: y! })[0]! : tf.mul(dy, tf.step(y!)),
    ],
  );
