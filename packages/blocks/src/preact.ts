import { type Block, chain } from './block';
import { add, conv, norm, relu } from './conv-norm';
import { type BottleneckOptions, EXPANSION, type ResidualBlock } from './residual';
import { projection } from './shortcuts';

/** Options that pre-activation blocks share. */
export interface PreactOptions {
  /** The input is activated already, as after the stem: the first unit's two paths both start from it (He et al. 2016, appendix). */
  activated?: boolean;
}

/**
 * Adds a branch of the activated input to the input itself (He et al. 2016, Figure 1b). Where the shape changes,
 * the shortcut starts from the activated input, as in the authors' code.
 */
const preactResidual =
  (branch: Block, shortcut: Block | null, activated: boolean): Block =>
  (x) => {
    const active = activated ? x : chain(norm(), relu)(x);
    const y = branch(active);
    if (!shortcut) return y;
    const carried = shortcut(active);
    return add(y, carried === active ? x : carried);
  };

/** Option B of a pre-activation net: its projection is not normalized. */
const bareProjection = projection({ normalize: false });

/** Two 3×3 convolutions, each after normalization and ReLU. The net needs one more of both before its head. */
export const preactBasicBlock =
  ({ activated = false }: PreactOptions = {}): ResidualBlock =>
  (filters, stride = 1, shortcut = bareProjection) =>
    preactResidual(
      chain(conv(filters, 3, stride), norm(), relu, conv(filters, 3)),
      shortcut(filters, stride),
      activated,
    );

/** Pre-activation 1×1, 3×3, 1×1, with the stride where `strideIn` says. Ends in `4 · filters` channels. */
export const preactBottleneckBlock =
  ({ activated = false, strideIn = '3x3' }: PreactOptions & Pick<BottleneckOptions, 'strideIn'> = {}): ResidualBlock =>
  (filters, stride = 1, shortcut = bareProjection) => {
    const [first, second] = strideIn === '1x1' ? [stride, 1] : [1, stride];
    const branch = chain(
      ...[conv(filters, 1, first), norm(), relu, conv(filters, 3, second), norm(), relu],
      conv(EXPANSION * filters, 1),
    );
    return preactResidual(branch, shortcut(EXPANSION * filters, stride), activated);
  };

/** `preactBasicBlock` for every unit but a net's first. */
export const preactBasic: ResidualBlock = preactBasicBlock();

/** `preactBottleneckBlock` for every unit but a net's first, with the stride in the 3×3. */
export const preactBottleneck: ResidualBlock = preactBottleneckBlock();
