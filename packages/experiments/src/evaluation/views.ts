import type { ImageView } from '@resnet/analysis';
import { centerCrop, normalize, resizeShorter, tenCrop, toFloats } from '@resnet/augment';
import type { Dataset, LabeledImage } from '@resnet/data';
import { type Preprocessing, shorterSideFor } from './preprocessing';

type Image = LabeledImage['image'];

/** Makes the views of an image that a network is tested on. */
export type ViewsOf = (image: Image) => ImageView[];

/** §3.4's 10-crop testing: the corners and the centre of the resized image, and their mirror images. */
export function tenCrops(preprocessing: Preprocessing): ViewsOf {
  const { imageSize, shorterSide } = preprocessing;
  // Wider than the crops, also where single views are not.
  const shorter = Math.max(shorterSide ?? 0, shorterSideFor(imageSize));
  return (image) =>
    tenCrop(resizeShorter(toFloats(image), shorter), imageSize).map((crop) => view(crop, preprocessing));
}

/** §3.4's fully convolutional testing: the whole image at several lengths of its shorter side. */
export const scales =
  (preprocessing: Preprocessing, sides: readonly number[]): ViewsOf =>
  (image) =>
    sides.map((side) => view(resizeShorter(toFloats(image), side), preprocessing));

/** The single view: the image as it is where all are of one size, otherwise its centre as §3.4 crops it. */
export const singleView = (preprocessing: Preprocessing): ViewsOf => {
  const { imageSize: size, shorterSide: shorter } = preprocessing;
  if (shorter === null) return wholeView(preprocessing);
  return (image) => [view(centerCrop(resizeShorter(toFloats(image), shorter), size), preprocessing)];
};

/** The image as it is. */
export const wholeView =
  (preprocessing: Preprocessing): ViewsOf =>
  (image) => [view(image, preprocessing)];

function view(image: Image, preprocessing: Preprocessing): ImageView {
  const floats = toFloats(image);
  const { data, height, width, channels } = preprocessing.mean
    ? normalize(floats, { mean: meanFor(floats, preprocessing), ...(preprocessing.std && { std: preprocessing.std }) })
    : floats;
  return { data: Float32Array.from(data), height, width, channels };
}

/** A per-pixel mean fits crops of the training size; elsewhere its average over the pixels takes its place. */
function meanFor({ data, channels }: Image, { mean }: Preprocessing): readonly number[] {
  if (!mean || mean.length === channels || mean.length === data.length) return mean ?? [];
  const pixels = mean.length / channels;
  return Array.from(
    { length: channels },
    (_, c) => mean.reduce((sum, v, i) => sum + (i % channels === c ? v : 0), 0) / pixels,
  );
}

/** Reads a data set in order, `size` samples at a time. */
export async function* chunks(dataset: Dataset, size: number): AsyncGenerator<LabeledImage[]> {
  for (let start = 0; start < dataset.length; start += size) {
    const indices = Array.from({ length: Math.min(size, dataset.length - start) }, (_, i) => start + i);
    yield await Promise.all(indices.map((i) => dataset.read(i)));
  }
}
