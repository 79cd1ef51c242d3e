import { type Block, chain, identity } from './block';
import { add, convNorm, relu } from './conv-norm';
import { projected, type Shortcut } from './shortcuts';

/** A residual block for a net: `filters` is the width of its 3×3 convolutions. */
export type ResidualBlock = (filters: number, stride?: number, shortcut?: Shortcut) => Block;

/** The paper's building block (Figure 2): `relu(branch(x) + shortcut(x))`. A null shortcut leaves the branch alone. */
export const residual =
  (branch: Block, shortcut: Block | null = identity): Block =>
  (x) => {
    const y = branch(x);
    return relu(shortcut ? add(y, shortcut(x)) : y);
  };

/** Options that all residual blocks share. */
export interface BasicOptions {
  /** Start the last normalisation's scale at 0, so that the block begins as its shortcut. */
  zeroLastScale?: boolean;
}

/** Two 3×3 convolutions (Figure 5, left). Ends in `filters` channels. */
export const basicBlock =
  ({ zeroLastScale = false }: BasicOptions = {}): ResidualBlock =>
  (filters, stride = 1, shortcut = projected) =>
    residual(
      chain(convNorm(filters, 3, stride), relu, convNorm(filters, 3, 1, { zeroScale: zeroLastScale })),
      shortcut(filters, stride),
    );

/** How much wider a bottleneck ends than it is inside. */
export const EXPANSION = 4;

/** A bottleneck's options. */
export interface BottleneckOptions extends BasicOptions {
  /** Which convolution has the stride: the first 1×1 as in the paper, or the 3×3 as in torchvision ("v1.5"). */
  strideIn?: '1x1' | '3x3';
}

/** 1×1, 3×3, 1×1 (Figure 5, right). `filters` wide inside; ends in `4 · filters` channels. */
export const bottleneckBlock =
  ({ strideIn = '3x3', zeroLastScale = false }: BottleneckOptions = {}): ResidualBlock =>
  (filters, stride = 1, shortcut = projected) => {
    const [first, second] = strideIn === '1x1' ? [stride, 1] : [1, stride];
    const branch = chain(
      ...[convNorm(filters, 1, first), relu, convNorm(filters, 3, second), relu],
      convNorm(EXPANSION * filters, 1, 1, { zeroScale: zeroLastScale }),
    );
    return residual(branch, shortcut(EXPANSION * filters, stride));
  };

/** `basicBlock` as the paper has it. */
export const basic: ResidualBlock = basicBlock();

/** `bottleneckBlock` with the stride in the 3×3. */
export const bottleneck: ResidualBlock = bottleneckBlock();
