/** Starts the simd backend and computes one number with it. */
import { useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';

await useBackend('simd');
await tf.scalar(1).add(1).data();
