import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernel';

/** A convolution in numbers: NHWC `[n, h, w, c]` to `[n, oh, ow, k]`. */
export interface ConvPlan {
  n: number;
  h: number;
  w: number;
  c: number;
  oh: number;
  ow: number;
  k: number;
  kernelHeight: number;
  kernelWidth: number;
  strideY: number;
  strideX: number;
  dilationY: number;
  dilationX: number;
  top: number;
  left: number;
}

/**
 * Reads tfjs's attributes. `undefined` where the layout is not NHWC, the filter does not take all channels (grouped), or there is nothing to compute.
 *
 * @throws Error as tfjs does, where the filter is larger than the padded image.
 */
export function planConv(xShape: number[], filterShape: number[], attrs: KernelCall['attrs']): ConvPlan | undefined {
  const { strides, pad, dilations, dataFormat, dimRoundingMode } = attrs as Record<string, never>;
  if (dataFormat === 'NCHW' || xShape.length !== 4 || xShape[3] !== filterShape[2]) return undefined;
  const info = backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
  util.assertNonNegativeIntegerDimensions(info.outShape);
  if (util.sizeFromShape([...xShape, ...filterShape, ...info.outShape]) === 0) return undefined;
  return {
    n: info.batchSize,
    h: info.inHeight,
    w: info.inWidth,
    c: info.inChannels,
    oh: info.outHeight,
    ow: info.outWidth,
    k: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    strideY: info.strideHeight,
    strideX: info.strideWidth,
    dilationY: info.dilationHeight,
    dilationX: info.dilationWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
}

/** Whether Winograd's algorithm takes this convolution. */
export const isWinograd = (p: ConvPlan): boolean =>
  p.kernelHeight === 3 &&
  p.kernelWidth === 3 &&
  p.strideY === 1 &&
  p.strideX === 1 &&
  p.dilationY === 1 &&
  p.dilationX === 1 &&
  p.top >= 0 &&
  p.left >= 0 &&
  p.top <= 2 &&
  p.left <= 2;

/** The stride-1 convolution that the input gradient of `p` is: channels change roles, the padding becomes what the filter reaches beyond. */
export const inputGradientPlan = (p: ConvPlan): ConvPlan => ({
  ...p,
  h: p.oh,
  w: p.ow,
  c: p.k,
  oh: p.h,
  ow: p.w,
  k: p.c,
  top: 2 - p.top,
  left: 2 - p.left,
});

/** The shape of what a convolution makes. */
export const outputShape = (p: ConvPlan): number[] => [p.n, p.oh, p.ow, p.k];

/** What is added to every output pixel, and whether relu follows. */
export interface Epilogue {
  bias?: TensorInfo;
  relu: boolean;
}
