import { type BatchPlan, indicesOf, writersOf } from './batch-plan';
import type { Dataset, Sample } from './dataset';
import { BrokenImageError, DataError } from './errors';
import type { Augment } from './image';
import { normaliseImage } from './normalise';
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
  const { before, write } = writersOf(plan);
  const prepare = ({ index, sample }: { index: number; sample: Sample }) => {
    const image = before ? normaliseImage(sample.image, before) : sample.image;
    return augment ? augment(image, seeded(plan.seed, plan.epoch, index)) : image;
  };
  return (read) => {
    const broken = read.flatMap(({ sample }) =>
      sample instanceof BrokenImageError ? [{ file: sample.file, reason: sample.reason }] : [],
    );
    const good = read.flatMap(({ index, sample }) => (sample instanceof BrokenImageError ? [] : [{ index, sample }]));
    if (good.length === 0) return { batch: null, broken };
    const first = prepare(good[0]!);
    const { height, width, channels } = first;
    const size = height * width * channels;
    const data = new Float32Array(good.length * size);
    good.forEach((item, i) => {
      const image = i === 0 ? first : prepare(item);
      if (image.height !== height || image.width !== width || image.channels !== channels)
        throw differs(first, image, item.index);
      write(image, data, i * size);
    });
    const labels = Int32Array.from(good, ({ sample }) => sample.label);
    return { batch: { images: { data, shape: [good.length, height, width, channels] }, labels }, broken };
  };
}

type Sized = { readonly height: number; readonly width: number; readonly channels: number };

const differs = (first: Sized, other: Sized, index: number): DataError => {
  const text = ({ height, width, channels }: Sized) => `${height}×${width}×${channels}`;
  return new DataError(
    `batches: images of a batch must have one shape, got ${text(first)} and ${text(other)} (image ${index}). Crop or resize them in augment.`,
  );
};
