import { type Tensor4D, tensor4d } from '@tensorflow/tfjs';
import { AugmentError } from './augment-error';
import type { Augment, Image, Random } from './image';

/**
 * Augments each image of a tensor `[images, height, width, channels]`, one after the other from one stream of random
 * numbers. A float tensor gives float images, an int32 one, of 0…255, gives bytes; the result is of the dtype that the
 * augmented images are.
 *
 * The input is not disposed of; the caller owns the result.
 *
 * @throws AugmentError if the images come out in different sizes.
 */
export async function augmentTensor(images: Tensor4D, augment: Augment, random: Random): Promise<Tensor4D> {
  const results = (await imagesOf(images)).map((image) => augment(image, random));
  const { height, width, channels, data } = results[0]!;
  const values = new (data instanceof Uint8Array ? Int32Array : Float32Array)(results.length * data.length);
  results.forEach((result, i) => {
    if (result.height !== height || result.width !== width || result.channels !== channels) {
      throw new AugmentError(
        `augmentTensor: images must all be ${height}×${width}×${channels}, got ${result.height}×${result.width}×${result.channels}. End with a crop.`,
      );
    }
    values.set(result.data, i * data.length);
  });
  return tensor4d(
    values,
    [results.length, height, width, channels],
    values instanceof Int32Array ? 'int32' : 'float32',
  );
}

/** The images of a tensor. */
async function imagesOf(tensor: Tensor4D): Promise<Image[]> {
  const [count, height, width, channels] = tensor.shape;
  const data = await tensor.data();
  const pixels = tensor.dtype === 'int32' ? Uint8Array.from(data) : Float32Array.from(data);
  const size = height * width * channels;
  return Array.from({ length: count }, (_, i) => ({
    data: pixels.subarray(i * size, (i + 1) * size),
    height,
    width,
    channels,
  }));
}
