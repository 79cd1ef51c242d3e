import { type Block, channels } from './block';
import { nextPlace, sequence } from './build-context';
import { applied, conv, convNorm } from './conv-norm';
import { BlockError } from './errors';
import { PadShortcut } from './layers/pad-shortcut';

/** Carries `x` past a branch that ends in `filters` channels after `stride` (§3.3). Null carries nothing: a plain net. */
export type Shortcut = (filters: number, stride: number) => Block | null;

/** The places for option A's zero channels. */
export const PAD_PLACEMENTS = ['end', 'split'] as const;

/** Where option A's zero channels go: all at the `end` (the paper, fb.resnet.torch), or `split`, half before and half after. */
export type PadPlacement = (typeof PAD_PLACEMENTS)[number];

/** Runs `block` if the shape changes; otherwise returns `x`. */
const whereShapesDiffer =
  (filters: number, stride: number, block: Block): Block =>
  (x) =>
    stride === 1 && channels(x) === filters ? x : block(x);

/** Option A: every `stride`-th pixel and zero channels, no parameters. Weights trained with one `pad` are wrong with the other. */
export const padded =
  ({ pad = 'end' }: { pad?: PadPlacement } = {}): Shortcut =>
  (filters, stride) =>
    whereShapesDiffer(filters, stride, (x) => {
      const missing = filters - channels(x);
      if (missing < 0) {
        throw new BlockError(`padded: cannot take channels away, got ${channels(x)} for ${filters}. Use projected.`);
      }
      const before = pad === 'split' ? Math.floor(missing / 2) : 0;
      return applied(new PadShortcut({ name: nextPlace('shortcut').name, stride, before, after: missing - before }), x);
    });

/** How a projection is made. */
export interface ProjectionOptions {
  /** Project even where shapes agree: option C. */
  always?: boolean;
  /** Normalize the projection; pre-activation nets do not (He et al. 2016). */
  normalize?: boolean;
}

/** A 1×1 convolution, named `downsample.0` and its normalization `downsample.1` as in torchvision. */
export const projection =
  ({ always = false, normalize = true }: ProjectionOptions = {}): Shortcut =>
  (filters, stride) => {
    const block = sequence('downsample', normalize ? convNorm(filters, 1, stride) : conv(filters, 1, stride));
    return always ? block : whereShapesDiffer(filters, stride, block);
  };

/** Option B: a 1×1 convolution where shapes differ. */
export const projected: Shortcut = projection();

/** Option C: a 1×1 convolution everywhere. */
export const projectedAlways: Shortcut = projection({ always: true });

/** No shortcut: the plain net (§3.3). */
export const none: Shortcut = () => null;
