import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdKernel } from '../kernel';

type Attrs = Record<'stride' | 'before' | 'after', number>;

/** Option A (§4.2): every `stride`-th pixel, zero channels before and after. */
export const padShortcut: SimdKernel = ({ backend, inputs, attrs }) => {
  const x = inputs.x as TensorInfo;
  const { stride, before, after } = attrs as Attrs;
  const [n = 0, h = 0, w = 0, c = 0] = x.shape;
  const from = backend.pointer(x);
  const y = backend.makeOutputTensor([n, Math.ceil(h / stride), Math.ceil(w / stride), before + c + after]);
  backend.runtime.run(Job.PadShortcut, 'shortcut', n * Math.ceil(h / stride), [
    from,
    backend.pointer(y),
    h,
    w,
    c,
    stride,
    before,
    after,
  ]);
  return y;
};

/** Its gradient. */
export const padShortcutGrad: SimdKernel = ({ backend, inputs, attrs }) => {
  const dy = inputs.dy as TensorInfo;
  const { stride, before } = attrs as Attrs;
  const inputShape = attrs.inputShape as number[];
  const [n = 0, h = 0, w = 0, c = 0] = inputShape;
  const from = backend.pointer(dy);
  const dx = backend.makeOutputTensor(inputShape);
  backend.runtime.run(Job.PadShortcutGrad, 'shortcut gradient', n * h, [
    from,
    backend.pointer(dx),
    h,
    w,
    c,
    stride,
    before,
    dy.shape[3] ?? 0,
  ]);
  return dx;
};
