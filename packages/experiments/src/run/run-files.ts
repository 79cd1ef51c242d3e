import { join } from 'node:path';

/** Paths of what a run keeps in its folder beside the trainer's own files. */
export const runFiles = (directory: string) => ({
  preprocessing: join(directory, 'preprocessing.json'),
  weights: join(directory, 'weights.safetensors'),
  samples: join(directory, 'samples.png'),
  evaluation: join(directory, 'evaluation.json'),
  report: join(directory, 'report.html'),
  brokenImages: join(directory, 'broken-images.json'),
});
