import { gatherFilter, gatherFilterFinish, gatherForward, packWeights } from './gather';
import { Job } from './jobs';
import { softmaxCrossEntropy } from './loss';
import { normApply, normGradApply, normGradSums, normGradSumsFinish, normStatistics, normStatisticsFinish } from './norm';
import { arithmetic, arithmeticByRow, momentumUpdate, reluForward, reluGrad } from './pointwise';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, padShortcut, padShortcutGrad, spatialSum } from './pooling';
import { winogradBackward, winogradFilter, winogradForward } from './winograd-conv';
import { winogradFilterFinish, winogradWeights } from './winograd-weights';

/** Does one chunk of a job. `scratch` belongs to the calling thread. */
export function dispatch(job: i32, chunk: i32, scratch: usize): void {
  switch (job) {
    case Job.WinogradWeights: winogradWeights(chunk, scratch); break;
    case Job.WinogradForward: winogradForward(chunk, scratch); break;
    case Job.WinogradFilter: winogradFilter(chunk, scratch); break;
    case Job.WinogradBackward: winogradBackward(chunk, scratch); break;
    case Job.WinogradFilterFinish: winogradFilterFinish(chunk, scratch); break;
    case Job.PackWeights: packWeights(chunk, scratch); break;
    case Job.GatherForward: gatherForward(chunk, scratch); break;
    case Job.GatherFilter: gatherFilter(chunk, scratch); break;
    case Job.GatherFilterFinish: gatherFilterFinish(chunk, scratch); break;
    case Job.NormStatistics: normStatistics(chunk, scratch); break;
    case Job.NormStatisticsFinish: normStatisticsFinish(chunk, scratch); break;
    case Job.NormApply: normApply(chunk, scratch); break;
    case Job.NormGradSums: normGradSums(chunk, scratch); break;
    case Job.NormGradSumsFinish: normGradSumsFinish(chunk, scratch); break;
    case Job.NormGradApply: normGradApply(chunk, scratch); break;
    case Job.Relu: reluForward(chunk, scratch); break;
    case Job.ReluGrad: reluGrad(chunk, scratch); break;
    case Job.Arithmetic: arithmetic(chunk, scratch); break;
    case Job.ArithmeticByRow: arithmeticByRow(chunk, scratch); break;
    case Job.MaxPool: maxPool(chunk, scratch); break;
    case Job.MaxPoolGrad: maxPoolGrad(chunk, scratch); break;
    case Job.AvgPool: avgPool(chunk, scratch); break;
    case Job.AvgPoolGrad: avgPoolGrad(chunk, scratch); break;
    case Job.SpatialSum: spatialSum(chunk, scratch); break;
    case Job.PadShortcut: padShortcut(chunk, scratch); break;
    case Job.PadShortcutGrad: padShortcutGrad(chunk, scratch); break;
    case Job.SoftmaxCrossEntropy: softmaxCrossEntropy(chunk, scratch); break;
    case Job.MomentumUpdate: momentumUpdate(chunk, scratch); break;
  }
}
