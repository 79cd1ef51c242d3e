import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { allFloat, type KernelCall, type SimdKernel } from '../kernel';

interface Window {
  n: number;
  outShape: number[];
  geometry: number[];
}

/**
 * Reads tfjs's attributes. `undefined` where there is nothing to compute.
 *
 * @throws Error as tfjs does, where the window is larger than the padded image.
 */
function planPool(xShape: number[], attrs: KernelCall['attrs']): Window | undefined {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as Record<string, never>;
  if (xShape.length !== 4) return undefined;
  const info = backend_util.computePool2DInfo(
    xShape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  util.assertNonNegativeIntegerDimensions(info.outShape);
  if (util.sizeFromShape([...xShape, ...info.outShape]) === 0) return undefined;
  const {
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    padInfo,
  } = info;
  return {
    n: info.batchSize,
    outShape: info.outShape,
    geometry: [
      inHeight,
      inWidth,
      inChannels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      padInfo.top,
      padInfo.left,
    ],
  };
}

function pool(
  backend: SimdBackend,
  job: Job,
  label: string,
  x: TensorInfo,
  attrs: KernelCall['attrs'],
): TensorInfo | undefined {
  const plan = planPool(x.shape, attrs);
  if (!plan || !allFloat(x)) return undefined;
  const from = backend.pointer(x);
  const y = backend.makeOutputTensor(plan.outShape);
  backend.runtime.run(job, label, plan.n * (plan.outShape[1] ?? 0), [from, backend.pointer(y), 0, ...plan.geometry]);
  return y;
}

function poolGrad(
  backend: SimdBackend,
  job: Job,
  label: string,
  dy: TensorInfo,
  x: TensorInfo,
  attrs: KernelCall['attrs'],
): TensorInfo | undefined {
  const plan = planPool(x.shape, attrs);
  if (!plan || !allFloat(x, dy)) return undefined;
  const pointers = [backend.pointer(x), backend.pointer(dy)] as const;
  const dx = backend.makeOutputTensor(x.shape);
  backend.runtime.run(job, label, plan.n, [pointers[0], backend.pointer(dx), pointers[1], ...plan.geometry]);
  return dx;
}

/** tfjs's `MaxPool`. */
export const maxPool: SimdKernel = ({ backend, inputs, attrs }) =>
  pool(backend, Job.MaxPool, 'max pool', inputs.x as TensorInfo, attrs);

/** tfjs's `AvgPool`. */
export const avgPool: SimdKernel = ({ backend, inputs, attrs }) =>
  pool(backend, Job.AvgPool, 'average pool', inputs.x as TensorInfo, attrs);

/** tfjs's `MaxPoolGrad`. */
export const maxPoolGrad: SimdKernel = ({ backend, inputs, attrs }) =>
  poolGrad(backend, Job.MaxPoolGrad, 'max pool gradient', inputs.dy as TensorInfo, inputs.input as TensorInfo, attrs);

/** tfjs's `AvgPoolGrad`. */
export const avgPoolGrad: SimdKernel = ({ backend, inputs, attrs }) =>
  poolGrad(
    backend,
    Job.AvgPoolGrad,
    'average pool gradient',
    inputs.dy as TensorInfo,
    inputs.input as TensorInfo,
    attrs,
  );
