import { type Augment, centerCrop, centerWindow, planned, resizeShorter, shorterSide } from '@resnet/augment';

/**
 * The single view of an image of any size: its shorter side resized, its centre cropped (§3.4's testing).
 * A module of its own, so that worker threads can load it by name.
 */
export const centre = ({ shorter, size }: { shorter: number; size: number }): Augment => {
  // Where the crop reaches beyond the resized image, there is black around it, which no plan has.
  if (shorter < size) return (image) => centerCrop(resizeShorter(image, shorter), size);
  return planned((image) => {
    const scaled = shorterSide(image, shorter);
    return { scaled, window: centerWindow(scaled, size), shift: null };
  });
};
