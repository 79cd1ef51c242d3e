import { useBackend } from '@resnet/backend';
import { smallResNetTraining } from './small-resnet';

/** Trains on WebGPU where this module runs, in a page or a worker, and tells on what. */
export async function trainOnWebGpu() {
  const load = () => import('@tensorflow/tfjs-backend-webgpu');
  const backend = await useBackend('webgpu', { software: true, load });
  return { backend, losses: await smallResNetTraining(), page: 'document' in globalThis };
}
