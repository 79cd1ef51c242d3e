import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend';
import { Affine } from '../deferred/affine';
import { Convolution } from '../deferred/convolution';
import { type Input, InputMode } from '../deferred/deferred';
import { FilterGradient } from '../deferred/filter-gradient';
import { NormGradient } from '../deferred/norm-gradient';
import { channelFactors } from './channel-factors';
import { type ConvPlan, type Epilogue, inputGradientPlan, outputShape } from './conv-plan';

/** A tensor as a convolution reads it: a computation that it does on the way, or plain memory. */
function inputOf(backend: SimdBackend, tensor: TensorInfo): Input {
  const deferred = backend.deferred(tensor);
  const fused = deferred instanceof Affine || deferred instanceof NormGradient ? deferred.input : undefined;
  return fused ?? { mode: InputMode.Plain, block: backend.block(tensor) };
}

/** y = x ∗ filter (+ bias, relu), when it is needed. */
export function winogradForward(
  backend: SimdBackend,
  x: TensorInfo,
  filter: TensorInfo,
  plan: ConvPlan,
  { bias, relu }: Epilogue,
): TensorInfo {
  const factors =
    bias && channelFactors(backend, plan.k, (i) => [1, backend.floats(backend.block(bias), plan.k)[i] ?? 0]);
  const parts = { plan, input: inputOf(backend, x), filter: backend.block(filter), flipped: false, factors, relu };
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
    input: gradientOf(backend, dy),
    filter: backend.block(filter),
    flipped: true,
    relu: false,
    companion,
  };
  backend.lastInputGradient = { dy: dy.dataId, companion };
  return backend.makeDeferred(outputShape(plan), new Convolution(backend, parts));
}

/** dfilter of y = x ∗ filter, when it is needed, or when the input gradient from the same dy is. */
export function winogradFilter(backend: SimdBackend, x: TensorInfo, dy: TensorInfo, plan: ConvPlan): TensorInfo {
  const from = gradientOf(backend, dy); // first: should dy be x, x no longer waits after this
  const gradient = new FilterGradient(backend, plan, inputOf(backend, x), from);
  const last = backend.lastInputGradient;
  if (last?.dy === dy.dataId) last.companion.filterGradient = gradient;
  backend.lastInputGradient = undefined;
  return backend.makeDeferred([3, 3, plan.c, plan.k], gradient);
}

/** Gradients come plain or from a normalisation. */
function gradientOf(backend: SimdBackend, dy: TensorInfo): Input {
  const input = inputOf(backend, dy);
  return input.mode === InputMode.Relu ? { mode: InputMode.Plain, block: backend.block(dy) } : input;
}
