import type { TensorInfo } from '@tensorflow/tfjs-core';
import { InputMode } from '../../../contract/modes';
import type { SimdBackend } from '../backend';
import { Convolution, type ConvolutionParts } from '../deferred/convolution';
import type { Input } from '../deferred/deferred';
import { FilterGradient } from '../deferred/filter-gradient';
import { readByConvolution } from '../deferred/fusion';
import { channelFactors } from './channel-factors';
import { type ConvPlan, type Epilogue, inputGradientPlan, outputShape } from './conv-plan';
import { tiling } from './winograd-tiling';

/** A tensor as a convolution reads it: a computation that it does on the way, or plain memory. */
const inputOf = (backend: SimdBackend, tensor: TensorInfo): Input =>
  readByConvolution(backend.deferred(tensor)) ?? { mode: InputMode.Plain, block: backend.block(tensor) };

/** Input gradients by the data of the dy they are made from: the filter gradient from the same dy is done on the way. */
const companions = new WeakMap<object, NonNullable<ConvolutionParts['companion']>>();

/** y = x ∗ filter (+ bias, relu), when it is needed. */
export function winogradForward(
  backend: SimdBackend,
  x: TensorInfo,
  filter: TensorInfo,
  plan: ConvPlan,
  { bias, relu }: Epilogue,
): TensorInfo {
  const factors = bias && channelFactors(backend, plan.k, { offset: backend.block(bias) });
  const parts = {
    plan,
    tiling: tiling(plan, backend.runtime.isNative),
    input: inputOf(backend, x),
    filter: backend.block(filter),
    flipped: false,
    factors,
    relu,
  };
  const y = backend.makeDeferred(outputShape(plan), new Convolution(backend, parts));
  factors?.release();
  return y;
}

/** dx of y = x ∗ filter, when it is needed. */
export function winogradInput(backend: SimdBackend, dy: TensorInfo, filter: TensorInfo, forward: ConvPlan): TensorInfo {
  const plan = inputGradientPlan(forward);
  const companion = {};
  const parts = {
    plan,
    tiling: tiling(plan, backend.runtime.isNative),
    input: gradientOf(backend, dy),
    filter: backend.block(filter),
    flipped: true,
    relu: false,
    companion,
  };
  companions.set(dy.dataId, companion);
  return backend.makeDeferred(outputShape(plan), new Convolution(backend, parts));
}

/** dfilter of y = x ∗ filter, when it is needed, or when the input gradient from the same dy is. */
export function winogradFilter(backend: SimdBackend, x: TensorInfo, dy: TensorInfo, plan: ConvPlan): TensorInfo {
  const from = gradientOf(backend, dy); // first: should dy be x, x no longer waits after this
  const gradient = new FilterGradient(backend, plan, inputOf(backend, x), from);
  const companion = companions.get(dy.dataId);
  if (companion) companion.filterGradient = gradient;
  companions.delete(dy.dataId);
  return backend.makeDeferred([3, 3, plan.c, plan.k], gradient);
}

/** Gradients come plain or from a normalization. */
function gradientOf(backend: SimdBackend, dy: TensorInfo): Input {
  const input = inputOf(backend, dy);
  return input.mode === InputMode.Relu ? { mode: InputMode.Plain, block: backend.block(dy) } : input;
}
