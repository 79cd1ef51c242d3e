import type { Image } from '@resnet/augment';

/** Height, width and channels. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** An image and the index of its class. */
export interface LabeledImage {
  /** Its pixels may be the data set's own memory: read only. */
  readonly image: Image;
  /** An index into the data set's `classes`. */
  readonly label: number;
}

/** An image that is not decoded yet. */
export interface EncodedImage {
  /** An image file, as `decodeImage` takes it. */
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly file: string;
  /** Larger images are refused. */
  readonly maxPixels: number;
  /** An index into the data set's `classes`. */
  readonly label: number;
}

/** Labeled images in a fixed order. Implement it to bring a source of one's own. */
export interface Dataset {
  /** How many images. */
  readonly length: number;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** The shape of every image, or null where they vary. */
  readonly shape: ImageShape | null;
  /** The class of image `i`, without decoding it. */
  label(i: number): number;
  /**
   * Image `i` and its label. The pixels may be a view on the data set's own memory: read only.
   *
   * @throws BrokenImageError where the file cannot be decoded.
   */
  read(i: number): Promise<LabeledImage>;
  /**
   * Image `i` as a file has it, where the data set has files: `batches` then decodes no more of it than the augmentation needs.
   *
   * @throws NotFoundError, ChecksumError where it cannot be read.
   */
  readEncoded?(i: number): Promise<EncodedImage>;
  /** The file that image `i` lies in beside others, by number: a shuffle can then read few of these files at a time. */
  shard?(i: number): number;
  /** `read` without a promise, where images are in memory: batches are then made much faster. */
  readSync?(i: number): LabeledImage;
  /** What a worker thread needs to rebuild this data set. Without it `batches` runs with `workers: 0` only. */
  describe?(): DatasetDescription;
  /**
   * Names the content: equal for equal images and labels. What is computed from the data is cached under it.
   *
   * @param except Files, by their names in the data set, that may have any content: a broken image that was repaired is the only one that
   *   differs. Ignored where images are no files.
   */
  fingerprint?(except?: (file: string) => boolean): Promise<string>;
}

/** A data set as a message to a worker; big parts are shared memory and are not copied. */
export type DatasetDescription =
  | ({
      /** Pixels in memory that threads share. */
      readonly kind: 'packed';
    } & PackedImages)
  | ({
      /** Image files, decoded by the thread that reads them. */
      readonly kind: 'files';
    } & ImageFiles)
  | ({
      /** Images in tars, read in place and decoded by the thread that reads them. */
      readonly kind: 'archives';
    } & ArchiveImages)
  | {
      /** Some images of another data set. */
      readonly kind: 'subset';
      /** The data set they are taken from. */
      readonly of: DatasetDescription;
      /** Their places in `of`, in the order of the subset; on a SharedArrayBuffer. */
      readonly indices: Int32Array;
    };

/** Images of one shape, one after another, in memory that threads share. */
export interface PackedImages {
  /** Names the content. */
  readonly name: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** Of each image. */
  readonly shape: ImageShape;
  /** One an image; on a SharedArrayBuffer. */
  readonly labels: Uint16Array;
  /** `length · height · width · channels` bytes on a SharedArrayBuffer. */
  readonly pixels: Uint8Array;
}

/** Image files, decoded when read. */
export interface ImageFiles {
  /** The folder that `files` are relative to. */
  readonly root: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** One a file; on a SharedArrayBuffer. */
  readonly labels: Uint16Array;
  /** Paths below `root`, UTF-8, one after another; on a SharedArrayBuffer. */
  readonly names: Uint8Array;
  /** Where each path starts in `names`, and the end; on a SharedArrayBuffer. */
  readonly starts: Uint32Array;
  /** SHA-256 of each file, one after another, where they are copies in the cache, on a SharedArrayBuffer; null where they are the user's own. */
  readonly digests: Uint8Array | null;
  /** Largest width × height that is decoded. */
  readonly maxPixels: number;
}

/** Images inside uncompressed tars, read by their offsets and decoded when read. All arrays are on SharedArrayBuffers. */
export interface ArchiveImages {
  /** The folder that `archives` are relative to. */
  readonly root: string;
  /** The tars. */
  readonly archives: readonly string[];
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** One an image. */
  readonly labels: Uint16Array;
  /** An index into `archives`, for each image. */
  readonly archive: Uint16Array;
  /** Where each image starts, in blocks of 512 bytes. */
  readonly starts: Uint32Array;
  /** How long each image is, in bytes. */
  readonly sizes: Uint32Array;
  /** SHA-256 of each image, one after another; null where it is not known. */
  readonly digests: Uint8Array | null;
  /** Largest width × height that is decoded. */
  readonly maxPixels: number;
}
