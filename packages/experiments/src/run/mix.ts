import { type BatchAugment, randomCutmix, randomMixup } from '@resnet/augment';
import { type Batch, seededRandom } from '@resnet/data';
import type { BatchLike } from '@resnet/trainer';
import type { Recipe } from '../recipe/schema';

/** Mixes the batches of an epoch. */
export type Mixer = (batches: AsyncIterable<Batch>, epoch: number) => AsyncIterable<BatchLike>;

/** Keeps the stream of mixing apart from those of epochs and samples. */
const MIX = 0x3147;

/** How a recipe mixes images of a batch; null where it does not. What is drawn depends on seed, epoch and the batch's place alone. */
export function mixerOf({ mixup, cutmix, seed }: Recipe, classes: number): Mixer | null {
  const kinds: BatchAugment[] = [
    ...(mixup === null ? [] : [randomMixup({ classes, alpha: mixup })]),
    ...(cutmix === null ? [] : [randomCutmix({ classes, alpha: cutmix })]),
  ];
  if (kinds.length === 0) return null;
  return async function* mixed(batches, epoch) {
    for await (const { images, labels, index } of batches) {
      const random = seededRandom(seed, epoch, MIX, index);
      const kind = kinds[Math.floor(random() * kinds.length)]!;
      yield { ...kind({ images, labels }, random), index };
    }
  };
}
