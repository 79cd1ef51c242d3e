export { blockGoldens } from './block-goldens';
export { relativeDifference } from './difference';
export { type Golden, goldenBytes, loadGolden } from './golden';
export { torchVariables } from './torch-weights';
