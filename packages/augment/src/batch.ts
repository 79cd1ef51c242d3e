import { AugmentError, check, checkWhole } from './augment-error';
import type { Random } from './image';

/** Images and what they show, as a training step takes them. */
export interface Batch {
  /** All of one size; they stay the caller's. */
  readonly images: {
    /** Pixels of one image after another, row by row, channels last. */
    readonly data: Float32Array;
    /** `[images, height, width, channels]`. */
    readonly shape: readonly [number, number, number, number];
  };
  /** The class of each image, or probabilities. */
  readonly labels:
    | Int32Array
    | {
        /** Probabilities of one image after another. */
        readonly data: Float32Array;
        /** `[images, classes]`. */
        readonly shape: readonly [number, number];
      };
}

/** A batch whose labels are probabilities. */
export interface SoftBatch {
  /** A new array, the receiver's. */
  images: {
    /** Pixels of one image after another, row by row, channels last. */
    data: Float32Array;
    /** The input's. */
    shape: [images: number, height: number, width: number, channels: number];
  };
  /** Probabilities in a new array, the receiver's. */
  labels: {
    /** Those of one image after another. */
    data: Float32Array;
    /** `classes` as the options tell it. */
    shape: [images: number, classes: number];
  };
}

/** Returns a changed batch and leaves its input untouched. */
export type BatchAugment = (batch: Batch, random: Random) => SoftBatch;

/** Options that {@link randomMixup} and {@link randomCutmix} share. */
export interface MixOptions {
  /** How many classes there are. */
  classes: number;
  /** Parameter of the beta distribution that the share is drawn from. */
  alpha?: number;
}

/** Who is mixed with whom, and how much of the first remains. */
export interface MixPlan {
  /** For each image the index of its partner. */
  readonly partners: ArrayLike<number>;
  /** The share of the first image, 0 to 1. */
  readonly share: number;
}

/** Checks the options that both have. */
export function checkMix(who: string, classes: number, alpha: number): void {
  checkWhole(who, 'classes', classes);
  check(alpha > 0 && alpha < Infinity, who, 'alpha must be above 0', alpha, 'Try 1.');
}

/** Labels as probabilities, mixed: `share` of the own, the rest of the partner's. */
export function mixLabels(
  who: string,
  batch: Batch,
  { partners, share }: MixPlan,
  classes: number,
): SoftBatch['labels'] {
  const soft = softLabels(who, batch, classes);
  const data = soft.map((own, i) => {
    const partner = partners[Math.floor(i / classes)]!;
    return share * own + (1 - share) * soft[partner * classes + (i % classes)]!;
  });
  return { data, shape: [batch.images.shape[0], classes] };
}

function softLabels(who: string, { images, labels }: Batch, classes: number): Float32Array {
  const count = images.shape[0];
  const has = labels instanceof Int32Array ? labels.length : labels.shape[0];
  check(has === count, who, `there must be ${count} labels`, has, 'One an image.');
  if (labels instanceof Int32Array) return oneHot(who, labels, classes);
  check(labels.shape[1] === classes, who, `labels must be of ${classes} classes`, labels.shape[1], 'Check `classes`.');
  return labels.data;
}

function oneHot(who: string, labels: Int32Array, classes: number): Float32Array {
  const data = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    if (!(label >= 0 && label < classes)) {
      throw new AugmentError(`${who}: a label must be below ${classes}, got ${label}. Check \`classes\`.`);
    }
    data[i * classes + label] = 1;
  });
  return data;
}
