import { type AugmentRecipe, BrokenImageError, type Dataset, previewDataset } from '@resnet/data';
import type { TrainEvent } from '@resnet/trainer';
import type { TensorBoardImage } from '@resnet/trainer/node';
import type { Recipe } from '../recipe/schema';

/** Pictures by TensorBoard's tags. */
export type Pictures = Readonly<Record<string, TensorBoardImage>>;

/** Some training images and augmented samples of each; none if one is broken and the recipe skips such images. */
export async function samplesOf(
  train: Dataset,
  augment: AugmentRecipe | undefined,
  { seed, onBrokenImage }: Pick<Recipe, 'seed' | 'onBrokenImage'>,
): Promise<Pictures> {
  const png = await previewDataset(train, { seed, ...(augment && { augment }) }).catch((error) => {
    if (error instanceof BrokenImageError && onBrokenImage === 'skip') return null;
    throw error;
  });
  if (!png) return {};
  // Width and height in a PNG's header.
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  return { 'training images': { png, width, height, channels: 3 } };
}

/** Shows pictures when a run starts, not when it resumes. */
export const showAtStart =
  (pictures: Pictures) =>
  (event: TrainEvent): Pictures | null =>
    event.type === 'start' && event.step === 0 ? pictures : null;
