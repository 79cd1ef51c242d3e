import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import { padShortcut as forward, type PadShape, padShortcutGradient } from '../wgsl/shortcut';

/** Option A (§3.3): every `stride`-th pixel, zero channels before and after. */
export const padShortcut: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const x = inputs.x as TensorInfo;
  const { stride, before, after } = attrs as Record<'stride' | 'before' | 'after', number>;
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const output = [n, Math.ceil(h / stride), Math.ceil(w / stride), before + c + after] as const;
  const shape: PadShape = { input: [n, h, w, c], output, stride, before };
  const y = backend.makeOutput(output);
  backend.run(planned(forward, shape), [backend.block(x), backend.block(y)]);
  return y;
};

/** Its gradient. */
export const padShortcutGrad: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const dy = inputs.dy as TensorInfo;
  const { stride, before } = attrs as Record<'stride' | 'before', number>;
  const input = attrs.inputShape as unknown as PadShape['input'];
  const shape: PadShape = { input, output: dy.shape as unknown as PadShape['output'], stride, before };
  const dx = backend.makeOutput(input);
  backend.run(planned(padShortcutGradient, shape), [backend.block(dy), backend.block(dx)]);
  return dx;
};
