import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Block } from '../block';
import { Affine } from '../deferred/affine';
import { InputGradient } from '../deferred/input-gradient';
import { Masked } from '../deferred/masked';
import { allFloat, sameShape, type WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import type { WebGpuBackend } from '../webgpu-backend';
import { relu as reluProgram, sumOfTwo, toFloat } from '../wgsl/elementwise';

/** tfjs's `Relu`; part of the normalization that makes x, if that waits. */
export const relu: WebGpuKernel = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo };
  if (!allFloat(x)) return undefined;
  const source = backend.deferredOf(x);
  if (source instanceof Affine && !source.parts.relu) return backend.makeDeferred(x.shape, source.with({ relu: true }));
  const size = util.sizeFromShape(x.shape);
  if (size === 0) return undefined;
  const y = backend.makeOutput(x.shape);
  backend.run(planned(reluProgram, size), [backend.block(x), backend.block(y)]);
  return y;
};

/** The gradient of relu from its output: waits, since the normalization before it can do it on the way. */
export const reluGrad: WebGpuKernel = ({ backend, inputs }) => {
  const { dy, y } = inputs as { dy: TensorInfo; y: TensorInfo };
  const [source, output] = [backend.deferredOf(dy), backend.deferredOf(y)];
  const gradient = source instanceof InputGradient ? source.with() : backend.block(dy).retain();
  const mask = output instanceof Affine && output.input ? output.with({}) : backend.block(y).retain();
  return backend.makeDeferred(y.shape, new Masked(backend, util.sizeFromShape(y.shape), gradient, mask));
};

/** What waits and can still take an addend. */
function takingMore(
  backend: WebGpuBackend,
  tensor: TensorInfo,
): ((extra: Block) => Affine | InputGradient) | undefined {
  const source = backend.deferredOf(tensor);
  if (source instanceof Affine && !source.parts.relu && !source.parts.extra) return (extra) => source.with({ extra });
  if (source instanceof InputGradient && !source.parts.extra) return (extra) => source.with(extra);
  return undefined;
}

/** tfjs's `Add`; part of what makes one of the two, if that waits. */
export const add: WebGpuKernel = ({ backend, inputs }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!allFloat(a, b) || !sameShape(a.shape, b.shape) || util.sizeFromShape(a.shape) === 0) return undefined;
  for (const [waiting, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (waiting.dataId === other.dataId) break;
    const more = takingMore(backend, waiting);
    if (more) return backend.makeDeferred(a.shape, more(backend.block(other)));
  }
  // Small ones may be computed in JavaScript, by the stock kernel.
  if (backend.shouldExecuteOnCPU([a, b])) return undefined;
  const y = backend.makeOutput(a.shape);
  backend.run(planned(sumOfTwo, util.sizeFromShape(a.shape)), [backend.block(a), backend.block(b), backend.block(y)]);
  return y;
};

/** tfjs's `Cast` to floats: the stock kernel keeps the integers' bits and says so to its own kernels only. */
export const cast: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { x } = inputs as { x: TensorInfo };
  const size = util.sizeFromShape(x.shape);
  const integers = backend.recordOf(x).dtype === 'int32' || backend.recordOf(x).dtype === 'bool';
  if (attrs.dtype !== 'float32' || !integers || size === 0) return undefined;
  const y = backend.makeOutput(x.shape);
  backend.run(planned(toFloat, size), [backend.block(x), backend.block(y)]);
  return y;
};
