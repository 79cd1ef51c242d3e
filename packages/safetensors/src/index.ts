export { bytesPerElement, type Dtype, type SafeTensor, type TensorData, tensorElements } from './dtype';
export { SafetensorsError } from './error';
export { toFloat32 } from './float32';
export { type ParsedSafetensors, parseSafetensors } from './parse';
export { type NamedTensors, serializeSafetensors } from './serialize';
