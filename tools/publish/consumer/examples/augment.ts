import { flip, type Image, randomFlip } from '@resnet/augment';
import { augmentTensor } from '@resnet/augment/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Mirrors an image of two pixels, and a tensor of one such image. */
export const example = async () => {
  const image: Image = { data: Uint8Array.of(1, 2), height: 1, width: 2, channels: 1 };
  const mirrored = await augmentTensor(tf.tensor4d([3, 4], [1, 1, 2, 1], 'int32'), randomFlip(1), () => 0);
  return [...flip(image).data, ...mirrored.dataSync()];
};
