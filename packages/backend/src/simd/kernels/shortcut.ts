import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdKernel } from '../kernel';

type Attrs = Record<'stride' | 'before' | 'after', number>;

/** Option A (§4.2): every `stride`-th pixel, zero channels before and after. */
export const padShortcut: SimdKernel = ({ backend, inputs, attrs }) => {
  const x = inputs.x as TensorInfo;
  const { stride, before, after } = attrs as Attrs;
  const [n = 0, h = 0, w = 0, c = 0] = x.shape;
  const from = backend.pointer(x);
  const y = backend.makeOutputTensor([n, Math.ceil(h / stride), Math.ceil(w / stride), before + c + after]);
  backend.runtime.run(
    'PadShortcut',
    { x: from, y: backend.pointer(y), height: h, width: w, channels: c, stride, before, after },
    { label: 'shortcut', chunks: n * Math.ceil(h / stride) },
  );
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
  const size = { height: h, width: w, channels: c, outChannels: dy.shape[3] ?? 0 };
  backend.runtime.run(
    'PadShortcutGradient',
    { dy: from, dx: backend.pointer(dx), ...size, stride, before },
    { label: 'shortcut gradient', chunks: n * h },
  );
  return dx;
};
