export type { Backend, SimdLevel } from '@resnet/backend';
export { type KernelTime, kernelTable, profile } from './profile-kernels';
export { stepSeconds } from './step-seconds';
export { inferenceSteps, type Steps, take, trainingSteps, type Workload } from './workload';
