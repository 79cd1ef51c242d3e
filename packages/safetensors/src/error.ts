/** Thrown for bytes that are not a valid safetensors file, and for tensors that cannot be written as one. */
export class SafetensorsError extends Error {
  /** `SafetensorsError`, in minified code too. */
  override name = 'SafetensorsError';
}
