import { AugmentError } from './augment-error';
import { cutsWindow } from './compose';
import { cropInto } from './crop';
import type { Augment, Image, Random, Size } from './image';
import { type Normalizer, normalizeInto, plain } from './normalize';

/** Options of {@link augmentInto}. */
export interface AugmentIntoOptions {
  /** What to do to each image. Default: nothing. */
  augment?: Augment;
  /** What to normalize by; by default pixels are only brought to [0, 1]. */
  normalizer?: Normalizer;
}

/**
 * Augments and normalizes an image straight into a batch: for data pipelines. Writes `height·width·channels` floats to `out`
 * from `offset` on.
 *
 * If the augmentation ends in a window (`cifar()`, `randomCrop`, a `compose` that ends in one), the crop, the mirror and
 * the normalization are one pass, and what lies beyond the image is 0 after normalization, as in the paper (§4.2). Any
 * other augmentation is applied first and normalized then.
 *
 * @returns Height and width of what was written.
 * @throws AugmentError if `out` has no room.
 */
export function augmentInto(
  image: Image,
  random: Random,
  { augment, normalizer = plain(image.channels) }: AugmentIntoOptions,
  out: Float32Array,
  offset: number,
): Size {
  if (augment && cutsWindow(augment)) {
    const source = augment.before ? augment.before(image, random) : image;
    const window = augment.window(source, random);
    checkRoom(window, source.channels, out, offset);
    cropInto(source, window, normalizer, out, offset);
    return window;
  }
  const result = augment ? augment(image, random) : image;
  checkRoom(result, result.channels, out, offset);
  normalizeInto(result, normalizer, out, offset);
  return result;
}

function checkRoom({ height, width }: Size, channels: number, out: Float32Array, offset: number): void {
  const end = offset + height * width * channels;
  if (end <= out.length) return;
  const shape = `${height}×${width}×${channels}`;
  throw new AugmentError(
    `augmentInto: ${shape} at ${offset} must fit into ${out.length} values, got an end of ${end}. Crop all images of a batch to one size.`,
  );
}
