import type { Dataset, LabeledImage, PackedImages } from './dataset';
import { LabelError } from './errors';

/**
 * Images of one shape in shared memory. They cost their bytes once, however many workers read them.
 *
 * @throws LabelError where a label names no class.
 */
export function packedDataset(packed: PackedImages): Dataset {
  const { classes, labels, pixels, shape } = packed;
  const [height, width, channels] = shape;
  const size = height * width * channels;
  checkLabels(packed.name, labels, classes.length);
  const readSync = (i: number): LabeledImage => ({
    image: { data: pixels.subarray(i * size, (i + 1) * size), height, width, channels },
    label: labels[i]!,
  });
  return {
    length: labels.length,
    classes,
    shape,
    label: (i) => labels[i]!,
    readSync,
    read: async (i) => readSync(i),
    describe: () => ({ kind: 'packed', ...packed }),
    fingerprint: async () => packed.name,
  };
}

/** @throws LabelError naming the first label that is not below `classes`. */
export function checkLabels(name: string, labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    if (labels[i]! >= classes) {
      throw new LabelError(
        `${name}: labels must be below ${classes}, the number of classes, got ${labels[i]} at image ${i}. Check the file.`,
      );
    }
  }
}
