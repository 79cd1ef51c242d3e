import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type ConvPlan, planConv } from '../../simd/kernels/conv-plan';
import { Affine } from '../deferred/affine';
import { Convolution } from '../deferred/convolution';
import { blocksOf, type Input } from '../deferred/deferred';
import { InputGradient } from '../deferred/input-gradient';
import { allFloat, type WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import type { WebGpuBackend } from '../webgpu-backend';
import { filterGradient } from '../wgsl/convolution';
import { sumPieces } from '../wgsl/sum-pieces';

/** How a convolution gets `x`: through the normalization that x waits for, if it can. */
function inputOf(backend: WebGpuBackend, x: TensorInfo): Input {
  const source = backend.deferredOf(x);
  return (source instanceof Affine ? source.input : undefined) ?? { block: backend.block(x) };
}

/** tfjs's `Conv2D`. */
export const conv2D: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  const plan = planConv(x.shape, filter.shape, attrs);
  if (!plan || !allFloat(x, filter)) return undefined;
  const shape = [plan.n, plan.oh, plan.ow, plan.k];
  return backend.makeDeferred(shape, new Convolution(backend, plan, inputOf(backend, x), backend.block(filter)));
};

const dilated = ({ dilationX, dilationY }: ConvPlan): boolean => dilationX !== 1 || dilationY !== 1;

/** tfjs's `Conv2DBackpropInput`. */
export const conv2DBackpropInput: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const inputShape = attrs.inputShape as number[];
  const plan = planConv(inputShape, filter.shape, attrs);
  if (!plan || dilated(plan) || !allFloat(dy, filter)) return undefined;
  const parts = { plan, dy: backend.block(dy), filter: backend.block(filter) };
  return backend.makeDeferred(inputShape, new InputGradient(backend, parts));
};

/** tfjs's `Conv2DBackpropFilter`. */
export const conv2DBackpropFilter: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = attrs.filterShape as number[];
  const plan = planConv(x.shape, filterShape, attrs);
  if (!plan || !allFloat(x, dy)) return undefined;
  const input = inputOf(backend, x);
  const program = planned(filterGradient, plan, input.factors ? 'affine-relu' : 'plain');
  const size = util.sizeFromShape(filterShape);
  const dw = backend.makeOutput(filterShape);
  const bound = [...blocksOf(input), backend.block(dy)];
  if (program.pieces === 1) {
    backend.run(program, [...bound, backend.block(dw)]);
    return dw;
  }
  const parts = backend.take(program.pieces * size);
  backend.run(program, [...bound, parts]);
  backend.run(planned(sumPieces, size, program.pieces), [parts, backend.block(dw)]);
  parts.release();
  return dw;
};
