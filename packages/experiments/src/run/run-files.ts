import { join } from 'node:path';

/** Paths of what a run keeps in its folder beside the trainer's own files. */
export const runFiles = (directory: string) => ({
  preprocessing: join(directory, 'preprocessing.json'),
  weights: join(directory, 'weights.safetensors'),
  brokenImages: join(directory, 'broken-images.json'),
});
