import { findBackendFactory } from '@tensorflow/tfjs';
import type { Candidate } from './candidate';

/** TensorFlow.js in plain JavaScript: runs anywhere, too slow to train more than a toy. */
export const cpu = (): Candidate => ({
  label: 'cpu',
  async start() {
    if (!findBackendFactory('cpu')) await import('@tensorflow/tfjs-backend-cpu');
    return {
      name: 'cpu',
      device: 'cpu',
      threads: 1,
      simd: null,
      note: 'plain JavaScript, works everywhere and is slow.',
    };
  },
});
