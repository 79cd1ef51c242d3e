import { type Block, chain, identity } from './block';
import { add, convNorm, relu } from './conv-norm';
import { projected, type Shortcut } from './shortcuts';

/** A residual block for a net: `filters` is the width of its 3×3 convolutions. */
export type ResidualBlock = (filters: number, stride?: number, shortcut?: Shortcut) => Block;

/** The paper's building block (Figure 2): `relu(branch(x) + shortcut(x))`, or `relu(branch(x))` if the shortcut is null. */
export const residual =
  (branch: Block, shortcut: Block | null = identity): Block =>
  (x) => {
    const y = branch(x);
    return relu(shortcut ? add(y, shortcut(x)) : y);
  };

/** Options of blocks whose branch ends in a normalization. */
export interface BasicOptions {
  /** Start the scale of the branch's last normalization at 0, so that the block starts as its shortcut (Goyal et al. 2017, §5.1). Default false. */
  zeroLastScale?: boolean;
}

/** Two 3×3 convolutions (Figure 5, left). Ends in `filters` channels. */
export const basicBlock =
  ({ zeroLastScale = false }: BasicOptions = {}): ResidualBlock =>
  (filters, stride = 1, shortcut = projected) =>
    residual(
      chain(convNorm(filters, 3, stride), relu, convNorm(filters, 3, 1, { initialScale: zeroLastScale ? 0 : 1 })),
      shortcut(filters, stride),
    );

/** How much wider a bottleneck ends than it is inside. */
export const EXPANSION = 4;

/** The convolutions of a bottleneck that can have its stride. */
export const STRIDE_PLACEMENTS = ['3x3', '1x1'] as const;

/** Which convolution of a bottleneck has the stride: the 3×3 as in torchvision ("v1.5"), or the first 1×1 as in the paper. */
export type StridePlacement = (typeof STRIDE_PLACEMENTS)[number];

/** A bottleneck's options. */
export interface BottleneckOptions extends BasicOptions {
  /** Which convolution has the stride. Default `3x3`. */
  strideIn?: StridePlacement;
}

/** 1×1, 3×3, 1×1 (Figure 5, right). `filters` wide inside; ends in `4 · filters` channels. */
export const bottleneckBlock =
  ({ strideIn = '3x3', zeroLastScale = false }: BottleneckOptions = {}): ResidualBlock =>
  (filters, stride = 1, shortcut = projected) => {
    const [first, second] = strideIn === '1x1' ? [stride, 1] : [1, stride];
    const branch = chain(
      ...[convNorm(filters, 1, first), relu, convNorm(filters, 3, second), relu],
      convNorm(EXPANSION * filters, 1, 1, { initialScale: zeroLastScale ? 0 : 1 }),
    );
    return residual(branch, shortcut(EXPANSION * filters, stride));
  };

/** `basicBlock` as the paper has it. */
export const basic: ResidualBlock = basicBlock();

/** `bottleneckBlock` with the stride in the 3×3. */
export const bottleneck: ResidualBlock = bottleneckBlock();
