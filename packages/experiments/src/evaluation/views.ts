import type { ImageView } from '@resnet/analysis';
import { resizeShorter, tenCrop, toFloats } from '@resnet/augment';
import { shorterSideFor } from './preprocessing';
import { cutSingleView, type Image, normalizeView, type Preprocessing } from './single-view';

/** Makes the views of an image that a network is evaluated on. */
export type ViewsOf = (image: Image) => ImageView[];

/** The single view: see {@link Preprocessing}. */
export const singleView =
  (preprocessing: Preprocessing): ViewsOf =>
  (image) => [normalizeView(preprocessing, cutSingleView(preprocessing, image))];

/** §3.4's 10-crop evaluation: the corners and the center of the resized image, and their mirror images. */
export function tenCrops(preprocessing: Preprocessing): ViewsOf {
  const { imageSize, shorterSide } = preprocessing;
  // Wider than the crops, also where single views are not.
  const shorter = Math.max(shorterSide ?? 0, shorterSideFor(imageSize));
  return (image) =>
    tenCrop(resizeShorter(toFloats(image), shorter), imageSize).map((crop) => normalizeView(preprocessing, crop));
}

/** §3.4's fully convolutional evaluation: the whole image at several lengths of its shorter side. */
export const scaledViews =
  (preprocessing: Preprocessing, sides: readonly number[]): ViewsOf =>
  (image) =>
    sides.map((side) => normalizeView(preprocessing, resizeShorter(toFloats(image), side)));
