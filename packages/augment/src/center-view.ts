import { centerCrop, centerWindow } from './fixed-crops';
import type { Augment, Size } from './image';
import { planned } from './planned';
import { resizeShorter, shorterSide } from './resize';

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
export function centerView({ shorter, size, keepExact = false }: CenterViewOptions): Augment {
  const keeps = (image: Size) => keepExact && image.height === size && image.width === size;
  // Where the crop reaches beyond the resized image, there is black around it, which no plan has.
  if (shorter < size) return (image) => (keeps(image) ? image : centerCrop(resizeShorter(image, shorter), size));
  return planned((image) => {
    const scaled = keeps(image) ? { height: size, width: size } : shorterSide(image, shorter);
    return { scaled, window: centerWindow(scaled, size), shift: null };
  });
}
