import { checkWhole } from './augment-error';
import { type CropWindow, crop } from './crop';
import { flip } from './flip';
import type { Image, Size } from './image';

/** The middle square of side `size`. Where an image is smaller, black is around it. torchvision's `CenterCrop`. */
export const centerCrop = (image: Image, size: number): Image => crop(image, centerWindow(image, size));

/** What {@link centerCrop} cuts. */
export const centerWindow = (image: Size, size: number): CropWindow => ({ ...center(image, size), ...square(size) });

/**
 * The squares of side `size` in the corners and in the middle: top left, top right, bottom left, bottom right, center.
 *
 * @throws AugmentError if the image is smaller than that.
 */
export function fiveCrop(image: Image, size: number): Image[] {
  checkWhole('fiveCrop', 'height of the image', image.height, size);
  checkWhole('fiveCrop', 'width of the image', image.width, size);
  const [bottom, right] = [image.height - size, image.width - size];
  const corners = [
    { top: 0, left: 0 },
    { top: 0, left: right },
    { top: bottom, left: 0 },
    { top: bottom, left: right },
    center(image, size),
  ];
  return corners.map((corner) => crop(image, { ...corner, ...square(size) }));
}

/** {@link fiveCrop} of the image, then of its mirror image: the paper's 10-crop testing (§3.4). */
export const tenCrop = (image: Image, size: number): Image[] => [
  ...fiveCrop(image, size),
  ...fiveCrop(flip(image), size),
];

const square = (size: number): Size => ({ height: size, width: size });

const center = ({ height, width }: Size, size: number) => ({
  top: halfToEven(height - size),
  left: halfToEven(width - size),
});

/** Half of a whole number, rounded as Python's `round` does: 5 → 2, 7 → 4. */
function halfToEven(value: number): number {
  const down = Math.floor(value / 2);
  return value % 2 === 0 || down % 2 === 0 ? down : down + 1;
}
