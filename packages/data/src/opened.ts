import type { Skipped } from '@resnet/files';
import type { ArchiveLimits } from './archive-source';
import type { CifarLabels, CifarName } from './cifar';
import type { Dataset } from './dataset';
import type { BrokenImageError } from './errors';
import type { OtherFiles } from './layout';
import type { PackProgress } from './source';

/** How a data set is opened. */
export interface OpenOptions extends ArchiveLimits {
  /** Where packs are kept. Default `cacheFolder()`. */
  readonly cacheDir?: string;
  /** Called while images are hashed, and at the first opening while they are decoded into the pack. */
  readonly onProgress?: (progress: PackProgress) => void;
  /** While packing: `stop` (default) fails with the first BrokenImageError, `skip` leaves broken images out, a function skips and is called with the error. */
  readonly onBrokenImage?: 'stop' | 'skip' | ((error: BrokenImageError) => void);
  /** Images of one shape are packed up to this many bytes; larger sets stay files. Default 1 GiB. */
  readonly maxPackedBytes?: number;
  /** Largest width × height that is decoded. Default 100 million. */
  readonly maxPixels?: number;
  /** For CIFAR-100. Default `fine`. */
  readonly labels?: CifarLabels;
  /** Whether a CIFAR archive must be the official one (SHA-256; for a folder its files' lengths). Default true. */
  readonly verify?: boolean;
}

/** `OpenOptions` with the cache folder decided. */
export type Settings = OpenOptions & { readonly cacheDir: string };

/** A data set whose splits can be read. */
export interface OpenedDataset {
  /** What it was recognized as; `images` are image files in class folders. */
  readonly kind: CifarName | 'images' | 'shapes10';
  /** Class names of all splits; a label is an index into them. */
  readonly classes: readonly string[];
  /** Names of the splits: `train`, `test`, `val`. */
  readonly splits: readonly string[];
  /** The pack or folder in the cache, if any. */
  readonly cached: string | null;
  /** What was left out of a folder: links to nothing, in a circle or to a folder above, and names that are not UTF-8. */
  readonly skipped: readonly Skipped[];
  /** How many files beside the images were passed over, by extension in lower case, as `{ bmp: 6 }`. */
  readonly otherFiles: OtherFiles;
  /** How many broken images were left out when it was packed; images that stay files are met when they are read. */
  readonly brokenImages: number;
  /** @throws LayoutError where there is no such split. */
  read(split: string): Promise<Dataset>;
}
