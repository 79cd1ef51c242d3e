import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Row } from '../../../contract/encode';
import type { SimdBackend } from '../backend';
import { allFloat, type KernelCall, type SimdKernel } from '../kernel';

interface Window {
  n: number;
  outShape: number[];
  geometry: Omit<Row<'Pool'>, 'x'>;
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
    geometry: {
      height: inHeight,
      width: inWidth,
      channels: inChannels,
      outHeight,
      outWidth,
      windowHeight: filterHeight,
      windowWidth: filterWidth,
      strideY: strideHeight,
      strideX: strideWidth,
      padTop: padInfo.top,
      padLeft: padInfo.left,
    },
  };
}

function pool(
  backend: SimdBackend,
  job: 'MaxPool' | 'AveragePool',
  label: string,
  x: TensorInfo,
  attrs: KernelCall['attrs'],
): TensorInfo | undefined {
  const plan = planPool(x.shape, attrs);
  if (!plan || !allFloat(x)) return undefined;
  const from = backend.pointer(x);
  const y = backend.makeOutputTensor(plan.outShape);
  const args = { x: from, ...plan.geometry, y: backend.pointer(y) };
  backend.runtime.run(job, args, { label, chunks: plan.n * (plan.outShape[1] ?? 0) });
  return y;
}

function poolGrad(
  backend: SimdBackend,
  job: 'MaxPoolGradient' | 'AveragePoolGradient',
  label: string,
  dy: TensorInfo,
  x: TensorInfo,
  attrs: KernelCall['attrs'],
): TensorInfo | undefined {
  const plan = planPool(x.shape, attrs);
  if (!plan || !allFloat(x, dy)) return undefined;
  const args = { x: backend.pointer(x), ...plan.geometry, dy: backend.pointer(dy) };
  const dx = backend.makeOutputTensor(x.shape);
  backend.runtime.run(job, { ...args, dx: backend.pointer(dx) }, { label, chunks: plan.n });
  return dx;
}

/** tfjs's `MaxPool`. */
export const maxPool: SimdKernel = ({ backend, inputs, attrs }) =>
  pool(backend, 'MaxPool', 'max pool', inputs.x as TensorInfo, attrs);

/** tfjs's `AvgPool`. */
export const avgPool: SimdKernel = ({ backend, inputs, attrs }) =>
  pool(backend, 'AveragePool', 'average pool', inputs.x as TensorInfo, attrs);

/** tfjs's `MaxPoolGrad`. */
export const maxPoolGrad: SimdKernel = ({ backend, inputs, attrs }) =>
  poolGrad(backend, 'MaxPoolGradient', 'max pool gradient', inputs.dy as TensorInfo, inputs.input as TensorInfo, attrs);

/** tfjs's `AvgPoolGrad`. */
export const avgPoolGrad: SimdKernel = ({ backend, inputs, attrs }) =>
  poolGrad(
    backend,
    'AveragePoolGradient',
    'average pool gradient',
    inputs.dy as TensorInfo,
    inputs.input as TensorInfo,
    attrs,
  );
