import { Job } from './contract';
import { implicitGemm, implicitGemmFilterGradient, implicitGemmFilterGradientFinish, packFilter } from './implicit-gemm';
import { measure, softmaxCrossEntropy } from './loss';
import {
  channelFactors, normApply, normGradientApply, normGradientSums, normGradientSumsFinish, normStatistics, normStatisticsFinish,
  runningStatistics,
} from './norm';
import { arithmetic, arithmeticByRow, momentumUpdate, relu, reluGradient, unary } from './pointwise';
import {
  averagePool, averagePoolGradient, maxPool, maxPoolGradient, padShortcut, padShortcutGradient, spatialSum,
} from './pooling';
import { winogradBackward, winogradFilterGradient, winogradForward } from './winograd-conv';
import { winogradFilterGradientFinish, winogradFilterTransform } from './winograd-filter';

/** Does one chunk of a job. `scratch` belongs to the calling thread. */
export function dispatch(job: i32, chunk: i32, scratch: usize): void {
  switch (job) {
    case Job.WinogradFilterTransform: winogradFilterTransform(chunk, scratch); break;
    case Job.WinogradForward: winogradForward(chunk, scratch); break;
    case Job.WinogradFilterGradient: winogradFilterGradient(chunk, scratch); break;
    case Job.WinogradBackward: winogradBackward(chunk, scratch); break;
    case Job.WinogradFilterGradientFinish: winogradFilterGradientFinish(chunk, scratch); break;
    case Job.PackFilter: packFilter(chunk); break;
    case Job.ImplicitGemm: implicitGemm(chunk, scratch); break;
    case Job.ImplicitGemmFilterGradient: implicitGemmFilterGradient(chunk, scratch); break;
    case Job.ImplicitGemmFilterGradientFinish: implicitGemmFilterGradientFinish(chunk); break;
    case Job.NormStatistics: normStatistics(chunk); break;
    case Job.NormStatisticsFinish: normStatisticsFinish(); break;
    case Job.NormApply: normApply(chunk); break;
    case Job.NormGradientSums: normGradientSums(chunk); break;
    case Job.NormGradientSumsFinish: normGradientSumsFinish(); break;
    case Job.NormGradientApply: normGradientApply(chunk); break;
    case Job.Relu: relu(chunk); break;
    case Job.Unary: unary(chunk); break;
    case Job.ReluGradient: reluGradient(chunk); break;
    case Job.Arithmetic: arithmetic(chunk); break;
    case Job.ArithmeticByRow: arithmeticByRow(chunk); break;
    case Job.MaxPool: maxPool(chunk); break;
    case Job.MaxPoolGradient: maxPoolGradient(chunk); break;
    case Job.AveragePool: averagePool(chunk); break;
    case Job.AveragePoolGradient: averagePoolGradient(chunk); break;
    case Job.SpatialSum: spatialSum(chunk); break;
    case Job.PadShortcut: padShortcut(chunk); break;
    case Job.PadShortcutGradient: padShortcutGradient(chunk); break;
    case Job.SoftmaxCrossEntropy: softmaxCrossEntropy(chunk); break;
    case Job.Measure: measure(); break;
    case Job.ChannelFactors: channelFactors(); break;
    case Job.RunningStatistics: runningStatistics(); break;
    case Job.MomentumUpdate: momentumUpdate(chunk); break;
  }
}
