export { bytesPerElement, type Dtype, elements, type SafeTensor, type TensorData } from './dtype';
export { SafetensorsError } from './error';
export { toFloat32 } from './float32';
export { type Parsed, parse } from './parse';
export { serialize, type Tensors } from './serialize';
