/** Images and the indices of their classes. */
export interface Batch {
  /** All of one size, in memory that is the receiver's. */
  readonly images: {
    /** Values in [0, 1], or normalized; channels last. */
    readonly data: Float32Array<ArrayBuffer>;
    /** Without the broken images, where they are skipped. */
    readonly shape: [count: number, height: number, width: number, channels: number];
  };
  /** `[count]`, in the order of the images. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Its place in the epoch, from 0. Places of batches that hold nothing but broken images stay empty. */
  readonly index: number;
  /** With `share`: what this part is of the whole batch. */
  readonly part?: BatchPart;
}

/** One process's part of a batch. */
export interface BatchPart {
  /** Images in it; 0 where the batch has fewer images than there are processes and none is left: then its first image stands here so that there is something to compute on. */
  readonly images: number;
  /** Images of the whole batch. */
  readonly of: number;
}

/** A batch that does not know its place. */
export type LabeledImages = Pick<Batch, 'images' | 'labels'>;

/** A batch, and the images that were left out of it. */
export interface MadeBatch {
  /** Undefined where every image of it was broken. */
  readonly batch: LabeledImages | undefined;
  readonly broken: readonly { readonly file: string; readonly reason: string }[];
}
