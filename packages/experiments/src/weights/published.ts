import type { Preprocessing } from '../evaluation/single-view';
import type { RecipeModel } from '../recipe/schema';
import { imagenetClasses } from './imagenet-classes';

/** Trained weights on the net that can be named instead of a file. */
export interface PublishedWeights {
  /** What to call them: `resnet18`, `resnet50-v2`, `resnet20-cifar10`. */
  readonly name: string;
  /** Address of the file. */
  readonly url: string;
  /** The beginning of the file's SHA-256, in hex, which its publishers put into its name. */
  readonly sha256: string;
  /** About how large the file is, in megabytes. */
  readonly megabytes: number;
  /** The network they are of. */
  readonly model: RecipeModel;
  /** How images were preprocessed when they were evaluated. */
  readonly preprocessing: Preprocessing;
  /** Names of the classes, by index. */
  readonly classes: readonly string[];
  /** Top-1 error that their publishers report, as a fraction. */
  readonly error: number;
  /** Whose they are, and what they were trained on. */
  readonly source: string;
}

/** ImageNet's channel statistics, which both publishers use. */
export const imagenetStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Names of CIFAR-10's classes, by index. */
export const cifar10Classes: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const preprocessing = (imageSize: number, shorterSide: number): Preprocessing => ({
  imageSize,
  shorterSide,
  mean: [...imagenetStatistics.mean],
  std: [...imagenetStatistics.std],
});

/** From torchvision's `models/resnet.py`: `IMAGENET1K_V1` and `_V2`, evaluated at 256 and 232 pixels. */
const torchvision = (
  name: string,
  sha256: string,
  megabytes: number,
  error: number,
  shorterSide = 256,
): PublishedWeights => {
  const model = name.replace('-v2', '');
  return {
    name,
    url: `https://download.pytorch.org/models/${model}-${sha256}.pth`,
    sha256,
    megabytes,
    model: { name: model },
    preprocessing: preprocessing(224, shorterSide),
    classes: imagenetClasses,
    error,
    source: `torchvision, ImageNet ${name.endsWith('-v2') ? 'V2' : 'V1'}`,
  };
};

/** From Yerlan Idelbayev's README: option A with zeros before and behind. */
const cifar10 = (model: string, sha256: string, megabytes: number, error: number): PublishedWeights => ({
  name: `${model}-cifar10`,
  url: `https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/pretrained_models/${model}-${sha256}.th`,
  sha256,
  megabytes,
  model: { name: model, pad: 'split' },
  preprocessing: { ...preprocessing(32, 32), shorterSide: null, fallbackSide: 37 },
  classes: cifar10Classes,
  error,
  source: 'Y. Idelbayev, CIFAR-10',
});

/** Every file that can be named, by name. */
export const publishedWeights: ReadonlyMap<string, PublishedWeights> = new Map(
  [
    torchvision('resnet18', 'f37072fd', 46.8, 0.30242),
    torchvision('resnet34', 'b627a593', 87.3, 0.26686),
    torchvision('resnet50', '0676ba61', 102.5, 0.2387),
    torchvision('resnet50-v2', '11ad3fa6', 102.5, 0.19142, 232),
    torchvision('resnet101', '63fe2227', 178.8, 0.22626),
    torchvision('resnet101-v2', 'cd907fc2', 178.8, 0.18114, 232),
    torchvision('resnet152', '394f9c45', 241.6, 0.21688),
    torchvision('resnet152-v2', 'f82ba261', 241.7, 0.17716, 232),
    cifar10('resnet20', '12fca82f', 1.1, 0.0827),
    cifar10('resnet32', 'd509ac18', 1.9, 0.0737),
    cifar10('resnet44', '014dd654', 2.7, 0.069),
    cifar10('resnet56', '4bfd9763', 3.5, 0.0661),
    cifar10('resnet110', '1d1ed7c2', 7, 0.0632),
    cifar10('resnet1202', 'f3b1deed', 78, 0.0618),
  ].map((weights) => [weights.name, weights]),
);
