import { type Backend, type SimdLevel, useBackend } from '@resnet/backend';
import { enableProdMode } from '@tensorflow/tfjs';
import type { RunPlace } from '../recipe/schema';

/** Where to compute: settings of a recipe, or options of the same names. */
export interface ComputePlace extends Partial<Pick<RunPlace, 'backend' | 'software' | 'threads'>> {
  /** Kernels of the `simd` backend. Default: the best that run here. */
  level?: SimdLevel;
}

/**
 * Starts a backend, by default the best that works here. TensorFlow.js's advice to install its own native backend is not printed.
 *
 * @throws The errors of `useBackend`.
 */
export function startBackend({ backend = 'auto', software, threads, level }: ComputePlace): Promise<Backend> {
  enableProdMode();
  return useBackend(backend, { software, threads: threads ?? undefined, level });
}
