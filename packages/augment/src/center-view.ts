import { centerCrop } from './fixed-crops';
import type { Augment } from './image';
import { resizeShorter } from './resize';

/** Settings of {@link centerView}. */
export interface CenterViewOptions {
  /** Length of the shorter side after resizing, in pixels. */
  shorter: number;
  /** Side of the square cut from the middle, in pixels. */
  size: number;
  /** Returns images of `size` × `size` as they are. Default: false. */
  keepExact?: boolean;
}

/** The single view of evaluation (§3.4): the shorter side resized, then the middle square. Draws nothing at random. */
export const centerView =
  ({ shorter, size, keepExact = false }: CenterViewOptions): Augment =>
  (image) =>
    keepExact && image.height === size && image.width === size
      ? image
      : centerCrop(resizeShorter(image, shorter), size);
