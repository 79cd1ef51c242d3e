import { type Backend, type BackendOptions, useBackend } from '@resnet/backend';
import { enableProdMode } from '@tensorflow/tfjs';

/** {@link useBackend} without TensorFlow.js's advice to install its own native backend. */
export function startBackend(name: string = 'auto', options: BackendOptions = {}): Promise<Backend> {
  enableProdMode();
  return useBackend(name, options);
}
