import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel, withGradient } from '../kernels';

/** How option A changes a shape: every `stride`-th pixel, and zero channels before and after. */
export interface Padding {
  /** Rows and columns from one kept pixel to the next; 1 keeps all. */
  stride: number;
  /** Zero channels in front of the old ones. */
  before: number;
  /** Zero channels behind the old ones. */
  after: number;
}

/** Option A (§3.3): `[n, h, w, c]` to `[n, ⌈h / stride⌉, ⌈w / stride⌉, before + c + after]`. No parameters. */
export function padShortcutOp(x: tf.Tensor4D, { stride, before, after }: Padding): tf.Tensor {
  const inputShape = x.shape;
  return withGradient(
    [x],
    () => ({
      value: hasKernel('ResNetPadShortcut')
        ? runKernel('ResNetPadShortcut', { x }, { stride, before, after })[0]!
        : padChannels(subsample(x, stride), before, after),
      saved: [],
    }),
    (dy) => [
      hasKernel('ResNetPadShortcutGrad')
        ? runKernel('ResNetPadShortcutGrad', { dy }, { inputShape, stride, before })[0]!
        : spread(tf.slice(dy, [0, 0, 0, before], [-1, -1, -1, inputShape[3]]), inputShape, stride),
    ],
  );
}

const subsample = (x: tf.Tensor4D, stride: number): tf.Tensor4D =>
  stride === 1 ? x : (tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]) as tf.Tensor4D);

const padChannels = (x: tf.Tensor4D, before: number, after: number): tf.Tensor4D =>
  tf.pad(x, [
    [0, 0],
    [0, 0],
    [0, 0],
    [before, after],
  ]);

/** Puts each pixel back where `subsample` took it from, and zeros between. */
function spread(dy: tf.Tensor, [n, h, w, c]: tf.Tensor4D['shape'], stride: number): tf.Tensor {
  const [, rows, columns] = dy.shape as [number, number, number, number];
  const wide = tf
    .reshape(dy, [n * rows * columns, 1, c])
    .pad([
      [0, 0],
      [0, stride - 1],
      [0, 0],
    ])
    .reshape([n * rows, columns * stride, c])
    .slice([0, 0, 0], [-1, w, -1]);
  return wide
    .reshape([n * rows, 1, w * c])
    .pad([
      [0, 0],
      [0, stride - 1],
      [0, 0],
    ])
    .reshape([n, rows * stride, w, c])
    .slice([0, 0, 0, 0], [-1, h, -1, -1]);
}
