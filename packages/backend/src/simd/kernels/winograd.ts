import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { Affine } from '../deferred/affine';
import { Convolution } from '../deferred/convolution';
import { type Input, InputMode, inputArguments } from '../deferred/deferred';
import { NormGradient } from '../deferred/norm-gradient';
import { chunksOf } from '../kernel';
import { channelFactors } from './channel-factors';
import { type ConvPlan, type Epilogue, outputShape } from './conv-plan';
import { filterBytes, geometry, tiling } from './winograd-tiling';

/** A tensor as a convolution reads it: a computation that it does on the way, or plain memory. */
function inputOf(backend: SimdBackend, tensor: TensorInfo): Input {
  const deferred = backend.deferred(tensor);
  const fused = deferred instanceof Affine || deferred instanceof NormGradient ? deferred.input : undefined;
  return fused ?? { mode: InputMode.Plain, block: backend.block(tensor) };
}

/** y = x ∗ filter (+ bias, relu), when it is needed. With `flipped` the input gradient: x is dy and the plan is the `inputGradientPlan`. */
export function winogradForward(
  backend: SimdBackend,
  x: TensorInfo,
  filter: TensorInfo,
  plan: ConvPlan,
  { bias, relu }: Epilogue,
  flipped = false,
): TensorInfo {
  const factors =
    bias && channelFactors(backend, plan.k, (i) => [1, backend.floats(backend.block(bias), plan.k)[i] ?? 0]);
  const parts = { plan, input: inputOf(backend, x), filter: backend.block(filter), flipped, factors, relu };
  const y = backend.makeDeferred(outputShape(plan), new Convolution(backend, parts));
  factors?.release();
  return y;
}

/** dfilter of y = x ∗ filter. */
export function winogradFilter(backend: SimdBackend, x: TensorInfo, dy: TensorInfo, p: ConvPlan): TensorInfo {
  const t = tiling(p);
  const size = filterBytes(t.c, t.k);
  const chunks = Math.min(t.blocks, Math.max(8, Math.min(16, Math.floor(2 ** 21 / size))));
  const perChunk = Math.ceil(t.blocks / chunks);
  const partials = chunksOf(t.blocks, perChunk);
  const [input, gradient] = [inputOf(backend, x), gradientOf(backend, dy)];
  const dw = backend.makeOutputTensor([3, 3, p.c, p.k]);
  const du = backend.temporary(size * partials, 'partial filter gradients');
  const args = [
    input.block.pointer,
    gradient.block.pointer,
    du.pointer,
    ...geometry(p, t),
    perChunk,
    ...inputArguments(input),
    ...inputArguments(gradient),
  ];
  backend.runtime.scratch(t.scratch);
  backend.runtime.run(Job.WinogradFilter, `winograd filter gradient ${p.c}→${p.k}`, partials, args);
  const finish = [du.pointer, backend.pointer(dw), partials, p.c, p.k];
  backend.runtime.run(Job.WinogradFilterFinish, 'filter gradient, last step', t.c / 4, finish, p.c * p.k > 2000);
  du.release();
  return dw;
}

/** Gradients come plain or from a normalisation. */
function gradientOf(backend: SimdBackend, dy: TensorInfo): Input {
  const input = inputOf(backend, dy);
  return input.mode === InputMode.Relu ? { mode: InputMode.Plain, block: backend.block(dy) } : input;
}
