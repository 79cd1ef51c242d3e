import { type Backend, type BackendOptions, useBackend } from '@resnet/backend';
import { enableProdMode } from '@tensorflow/tfjs';
import type { RunPlace } from '../recipe/schema';

/** {@link useBackend} without TensorFlow.js's advice to install its own native backend. */
export function startBackend(name: string = 'auto', options: BackendOptions = {}): Promise<Backend> {
  enableProdMode();
  return useBackend(name, options);
}

/** Starts the backend that a recipe names. */
export const startRecipeBackend = ({
  backend,
  software,
  threads,
}: Pick<RunPlace, 'backend' | 'software' | 'threads'>) =>
  startBackend(backend, { software, threads: threads ?? undefined });
