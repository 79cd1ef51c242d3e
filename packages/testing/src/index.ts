export { blockGoldens } from './block-goldens';
export { relativeDifference } from './difference';
export { type Golden, goldenBytes, loadGolden } from './golden';
export { type Ended, type Job, type MpiFamily, mpiFamilies, startProcesses } from './mpirun';
export { torchVariables } from './torch-weights';
