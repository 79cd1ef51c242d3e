import { join } from 'node:path';

/** Paths of the files in a run folder that the trainer does not write. */
export const runFiles = (directory: string) => ({
  preprocessing: join(directory, 'preprocessing.json'),
  weights: join(directory, 'weights.safetensors'),
  samples: join(directory, 'samples.png'),
  evaluation: join(directory, 'evaluation.json'),
  report: join(directory, 'report.html'),
  brokenImages: join(directory, 'broken-images.json'),
});
