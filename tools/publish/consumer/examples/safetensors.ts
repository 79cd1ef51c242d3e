import { parseSafetensors, serializeSafetensors } from '@resnet/safetensors';

/** Writes a tensor and reads it back. */
export const example = () => {
  const file = serializeSafetensors({ weight: { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, 2) } });
  const weight = parseSafetensors(file).tensors.get('weight')!;
  return [weight.shape, ...(weight.data as Float32Array)];
};
