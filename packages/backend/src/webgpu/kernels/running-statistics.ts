import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Family } from '../commands';
import type { WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import { type Blend, packedRunningStatistics, runningStatistics as program } from '../wgsl/running-statistics';

/** Running statistics of a batch normalization: `[nextMean, nextVariance]`, next = keep · running + add · batch. */
export const runningStatistics: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { mean, variance, runningMean, runningVariance } = inputs as Record<string, TensorInfo>;
  const { keep, addMean, addVariance } = attrs as unknown as Blend;
  const next = [backend.makeOutput(runningMean!.shape), backend.makeOutput(runningVariance!.shape)];
  const blocks = [mean!, variance!, runningMean!, runningVariance!, ...next].map((tensor) => backend.block(tensor));
  const channels = mean!.shape[0] ?? 0;
  const blend = { keep, addMean, addVariance };
  backend.run(planned(program, channels, blend), blocks, { family: familyOf(keep), constants: [addMean, addVariance] });
  return next;
};

/** All normalizations of a net, which a recording updates at once. */
const familyOf = (keep: number): Family => ({
  key: `running statistics ${keep}`,
  updates: [
    [2, 4],
    [3, 5],
  ],
  reads: [0, 1],
  shared: [],
  packed: (length) => packedRunningStatistics(length, keep),
});
