import { drawShapes, shapeClasses, shapeSize } from '@resnet/data/shapes';
import type { BatchSource } from '@resnet/trainer';

/** Images as the nets see them. */
export interface Images {
  /** Floats around 0, `length · 32 · 32 · 3`. */
  values: Float32Array;
  /** Class of each. */
  labels: Int32Array;
}

/** How many classes there are. */
export const classes = shapeClasses.length;

const [height, width, channels] = shapeSize;
const size = height * width * channels;

/** Draws images and brings their bytes to the range from −1 to 1. */
export function imagesOf(split: 'train' | 'test', length: number): Images {
  const { pixels, labels } = drawShapes({ split, length });
  return { values: Float32Array.from(pixels, (byte) => byte / 127.5 - 1), labels: Int32Array.from(labels) };
}

/** Some of them as a batch. */
export const batchOf = ({ values, labels }: Images, chosen: readonly number[]) => {
  const data = new Float32Array(chosen.length * size);
  chosen.forEach((index, i) => {
    data.set(values.subarray(index * size, (index + 1) * size), i * size);
  });
  return {
    images: { data, shape: [chosen.length, height, width, channels] as [number, number, number, number] },
    labels: Int32Array.from(chosen, (index) => labels[index]!),
  };
};

/** All of them, in order. */
export const inOrder = (images: Images) => batchOf(images, [...images.labels.keys()]);

/** Batches in an order that is another in each epoch. `gate` is awaited before each. */
export function shuffled(images: Images, batchSize: number, seed: number, gate: () => Promise<void>): BatchSource {
  return async function* batches(epoch, first = 0) {
    const order = shuffle(images.labels.length, seed * 1000 + epoch);
    for (let start = first * batchSize; start + batchSize <= order.length; start += batchSize) {
      await gate();
      yield batchOf(images, order.slice(start, start + batchSize));
    }
  };
}

/** Fisher and Yates, by a generator of 32 bits (mulberry32). */
function shuffle(length: number, seed: number): number[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
