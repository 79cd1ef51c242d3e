import { Affine, type AffineParts } from './affine';
import { Convolution, type ConvolutionParts } from './convolution';
import type { Deferred, Input } from './deferred';
import { NormGradient } from './norm-gradient';

/** What can become part of a computation that waits, instead of a pass over memory of its own. */
type Next =
  /** A normalization with known factors. */
  | 'normalization'
  /** The statistics of its output. */
  | 'statistics'
  /** Something of the same shape is added. */
  | 'add'
  | 'relu'
  /** A relu's gradient and the sums of the normalization before that relu. */
  | 'masked sums'
  /** A convolution reads it, and computes it while it does. */
  | 'convolution'
  /** The gradient of its own relu: its factors tell what that let through. */
  | 'mask';

const never = () => false;
const bare = ({ factors, extra, relu }: ConvolutionParts) => !factors && !extra && !relu;
const open = ({ extra, relu }: AffineParts | ConvolutionParts) => !extra && !relu;
const normalizedRelu = ({ extra, relu }: AffineParts) => relu && !extra;

/** The one table of what is fused with what: a row for each computation that waits. */
const table = {
  convolution: {
    normalization: bare,
    statistics: (parts: ConvolutionParts) => bare(parts) && parts.tiling.sums,
    add: open,
    relu: ({ relu }: ConvolutionParts) => !relu,
    // Of an input gradient, to which what came by the shortcut may have been added.
    'masked sums': ({ factors, relu, tiling }: ConvolutionParts) => !factors && !relu && tiling.sums,
    convolution: never,
    mask: never,
  },
  affine: {
    normalization: never,
    statistics: never,
    add: open,
    relu: ({ relu }: AffineParts) => !relu,
    'masked sums': never,
    convolution: normalizedRelu,
    mask: normalizedRelu,
  },
} as const satisfies Record<string, Record<Next, unknown>>;

/** Whether `next` can be done by a convolution that waits. */
export const convolutionTakes = (source: Deferred | undefined, next: Next): source is Convolution =>
  source instanceof Convolution && table.convolution[next](source.parts);

/** Whether `next` can be done by a normalization that waits, or knows what `next` needs. */
export const affineTakes = (source: Deferred | undefined, next: Next): source is Affine =>
  source instanceof Affine && table.affine[next](source.parts);

/** Whether `next` can be done by what waits. */
export const takes = (source: Deferred | undefined, next: Next): source is Affine | Convolution =>
  convolutionTakes(source, next) || affineTakes(source, next);

/** What a convolution computes while it reads it: a normalization and its relu, or the gradient that leaves a normalization. */
export const readByConvolution = (source: Deferred | undefined): Input | undefined =>
  affineTakes(source, 'convolution') || source instanceof NormGradient ? source.input : undefined;
