import { type Augment, augmentInto, normalizer } from '@resnet/augment';
import type { LabeledImages, MadeBatch } from './batch';
import type { BatchPlan } from './batch-plan';
import type { LabeledImage } from './dataset';
import { type BrokenImageError, DataError } from './errors';
import { seededRandom } from './random';

/** A batch being filled, in any order. */
export interface BatchStack {
  /** Augments and normalizes image `index` of the data set into a place. */
  put(place: number, index: number, sample: LabeledImage): void;
  /** Writes image `index`, whose size is known, into a place. */
  putReady(place: number, index: number, image: ReadyImage): void;
  /** Leaves a place out. */
  skip(place: number, error: BrokenImageError): void;
  finish(): MadeBatch;
}

/** An image that is augmented but for its last pass. */
export interface ReadyImage extends Size {
  readonly label: number;
  /** Writes `height · width · channels` values. */
  write(out: Float32Array, offset: number): void;
}

/** How a plan's batches are filled; what does not change between them is prepared once. */
export function batchStacks(plan: BatchPlan, augment: Augment | null): (count: number) => BatchStack {
  const options = { ...(augment && { augment }), ...(plan.normalize && { normalizer: normalizer(plan.normalize) }) };
  const random = (index: number) => seededRandom(plan.seed, plan.epoch, index);
  const sizeOf = ({ image }: LabeledImage, index: number): Size => {
    const { height, width, channels } = augment ? augment(image, random(index)) : image;
    return { height, width, channels };
  };
  return (count) => {
    const labels = new Int32Array(count);
    const broken = new Map<number, BrokenImageError>();
    let size: Size | undefined;
    let data = new Float32Array();
    /** The first image decides the size of all. */
    const begin = (first: () => Size): Size => {
      if (size) return size;
      size = first();
      data = new Float32Array(count * volume(size));
      return size;
    };
    return {
      put: (place, index, sample) => {
        const wanted = begin(() => sizeOf(sample, index));
        const written = augmentInto(sample.image, random(index), options, data, place * volume(wanted));
        requireSize(wanted, written, index);
        labels[place] = sample.label;
      },
      putReady: (place, index, image) => {
        const wanted = begin(() => ({ height: image.height, width: image.width, channels: image.channels }));
        requireSize(wanted, image, index);
        image.write(data, place * volume(wanted));
        labels[place] = image.label;
      },
      skip: (place, error) => broken.set(place, error),
      finish: () => ({
        batch: size && without(broken, { data, shape: [count, size.height, size.width, size.channels] }, labels),
        broken: [...broken].sort(([a], [b]) => a - b).map(([, { file, reason }]) => ({ file, reason })),
      }),
    };
  };
}

interface Size {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const volume = ({ height, width, channels }: Size): number => height * width * channels;

/** Closes the gaps. */
function without(
  gaps: ReadonlyMap<number, unknown>,
  images: LabeledImages['images'],
  labels: LabeledImages['labels'],
): LabeledImages {
  if (gaps.size === 0) return { images, labels };
  const [count, ...rest] = images.shape;
  const size = images.data.length / count;
  const kept = [...labels.keys()].filter((place) => !gaps.has(place));
  const data = new Float32Array(kept.length * size);
  for (const [to, from] of kept.entries()) data.set(images.data.subarray(from * size, (from + 1) * size), to * size);
  return { images: { data, shape: [kept.length, ...rest] }, labels: Int32Array.from(kept, (place) => labels[place]!) };
}

function requireSize(first: Size, other: Omit<Size, 'channels'>, index: number): void {
  if (other.height === first.height && other.width === first.width) return;
  throw new DataError(
    `batches: images of a batch must have one size, got ${first.height}×${first.width} and ${other.height}×${other.width} (image ${index}). Crop or resize them in augment.`,
  );
}
