import { type Augment, augmentInto, normalizer, type Size } from '@resnet/augment';
import { type BatchPlan, indicesOf } from './batch-plan';
import type { Dataset, Sample } from './dataset';
import { BrokenImageError, DataError } from './errors';
import { seeded } from './random';

/** Images and the indices of their classes. */
export interface Batch {
  readonly images: {
    /** Values in [0, 1], or normalised; channels last. */
    readonly data: Float32Array<ArrayBuffer>;
    readonly shape: [count: number, height: number, width: number, channels: number];
  };
  readonly labels: Int32Array<ArrayBuffer>;
}

/** A batch, and the images that were left out of it. */
export interface MadeBatch {
  /** Null where every image of it was broken. */
  readonly batch: Batch | null;
  readonly broken: readonly { readonly file: string; readonly reason: string }[];
}

/** Makes batch `k`, at once where the data set is in memory. */
export type MakeBatch = (k: number) => MadeBatch | Promise<MadeBatch>;

/** Binds a data set, a plan and an augmentation; the result depends on nothing else. */
export function batchMaker(dataset: Dataset, plan: BatchPlan, augment: Augment | null): MakeBatch {
  const finish = finisher(plan, augment);
  const { readSync } = dataset;
  if (readSync) return (k) => finish(Array.from(indicesOf(plan, k), (index) => ({ index, sample: readSync(index) })));
  return async (k) => {
    const read = async (index: number) => ({ index, sample: await readOr(dataset, index, plan.skipBroken) });
    return finish(await Promise.all(Array.from(indicesOf(plan, k), read)));
  };
}

interface Read {
  /** In the data set; the image's randomness hangs on it. */
  readonly index: number;
  readonly sample: Sample | BrokenImageError;
}

async function readOr(dataset: Dataset, index: number, skipBroken: boolean): Promise<Sample | BrokenImageError> {
  try {
    return await dataset.read(index);
  } catch (error) {
    if (skipBroken && error instanceof BrokenImageError) return error;
    throw error;
  }
}

/** Augments, normalises and stacks what was read. */
function finisher(plan: BatchPlan, augment: Augment | null): (read: readonly Read[]) => MadeBatch {
  const options = {
    ...(augment && { augment }),
    ...(plan.normalise && { normalizer: normalizer(plan.normalise) }),
  };
  const random = (index: number) => seeded(plan.seed, plan.epoch, index);
  return (read) => {
    const { good, broken } = sort(read);
    const first = good[0];
    if (!first) return { batch: null, broken };
    const { height, width, channels } = augment ? augment(first.sample.image, random(first.index)) : first.sample.image;
    const size = height * width * channels;
    const data = new Float32Array(good.length * size);
    good.forEach(({ index, sample }, i) => {
      const written = augmentInto(sample.image, random(index), options, data, i * size);
      if (written.height !== height || written.width !== width) throw differs({ height, width }, written, index);
    });
    const labels = Int32Array.from(good, ({ sample }) => sample.label);
    return { batch: { images: { data, shape: [good.length, height, width, channels] }, labels }, broken };
  };
}

function sort(read: readonly Read[]) {
  const good: { index: number; sample: Sample }[] = [];
  const broken: { file: string; reason: string }[] = [];
  for (const { index, sample } of read) {
    if (sample instanceof BrokenImageError) broken.push({ file: sample.file, reason: sample.reason });
    else good.push({ index, sample });
  }
  return { good, broken };
}

const differs = (first: Size, other: Size, index: number): DataError =>
  new DataError(
    `batches: images of a batch must have one size, got ${first.height}×${first.width} and ${other.height}×${other.width} (image ${index}). Crop or resize them in augment.`,
  );
