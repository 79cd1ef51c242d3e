import type { ImageShape } from './dataset';
import { decodeImage } from './decode';
import { BrokenImageError } from './errors';

/** Encoded images for a worker to decode into shared memory. */
export interface DecodeTask {
  readonly images: readonly { readonly path: string; readonly bytes: Uint8Array; readonly pixels: Uint8Array }[];
  readonly shape: ImageShape;
  readonly maxPixels: number;
}

/** An image that was not written, and why: it is broken, or its shape is another one. */
export interface DecodeFailure {
  readonly path: string;
  readonly reason: string;
  readonly shape?: ImageShape;
}

/** How many images one thread has in hand: enough to keep the decoder busy while JavaScript copies. */
const AT_ONCE = 4;

/** Decodes each image into its place. Failures are returned, since errors lose their class between threads. */
export async function decodeChunk({ images, shape, maxPixels }: DecodeTask): Promise<DecodeFailure[]> {
  const failures: DecodeFailure[] = [];
  const queue = images.values();
  const drain = async () => {
    for (const image of queue) {
      const failure = await decodeInto(image, shape, maxPixels);
      if (failure) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drain));
  return failures;
}

async function decodeInto(
  { path, bytes, pixels }: DecodeTask['images'][number],
  shape: ImageShape,
  maxPixels: number,
): Promise<DecodeFailure | null> {
  try {
    const { data, height, width, channels } = await decodeImage(bytes, path, maxPixels);
    const found: ImageShape = [height, width, channels];
    if (found.some((side, axis) => side !== shape[axis]))
      return { path, reason: `shape ${found.join('×')}`, shape: found };
    pixels.set(data);
    return null;
  } catch (error) {
    if (error instanceof BrokenImageError) return { path, reason: error.reason };
    throw error;
  }
}
