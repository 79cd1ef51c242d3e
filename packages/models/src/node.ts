export { modelFileHandler } from './weights/node/file-handler';
export { readWeightsFile, saveWeights } from './weights/node/files';
