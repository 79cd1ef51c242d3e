import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdKernel } from '../kernel';

/** Running statistics of a batch normalization: `[nextMean, nextVariance]`, next = keep · running + add · batch. */
export const runningStatistics: SimdKernel = ({ backend, inputs, attrs }) => {
  const { mean, variance, runningMean, runningVariance } = inputs as Record<
    'mean' | 'variance' | 'runningMean' | 'runningVariance',
    TensorInfo
  >;
  const { keep, addMean, addVariance } = attrs as unknown as Record<'keep' | 'addMean' | 'addVariance', number>;
  const given = {
    mean: backend.pointer(mean),
    variance: backend.pointer(variance),
    runningMean: backend.pointer(runningMean),
    runningVariance: backend.pointer(runningVariance),
  };
  const next = [backend.makeNext(runningMean), backend.makeNext(runningVariance)] as const;
  const out = { nextMean: backend.pointer(next[0]), nextVariance: backend.pointer(next[1]) };
  const args = { ...given, ...out, channels: mean.shape[0] ?? 0, keep, addMean, addVariance };
  backend.runtime.run('RunningStatistics', args, { label: 'running statistics', chunks: 1 });
  return [...next];
};
