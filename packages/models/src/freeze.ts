import type * as tf from '@tensorflow/tfjs';
import { checkOneOf, ModelOptionError } from './model-error';

/** How far a net can be frozen, from its input on. */
export const FREEZE_CHOICES = ['none', 'stem', 'stage1', 'stage2', 'stage3', 'stage4', 'body'] as const;
/** The last part of a net that is frozen, with all before it: the first convolution, a stage of blocks, or all but the head. */
export type FreezeChoice = (typeof FREEZE_CHOICES)[number];

/**
 * Freezes a net of this package from its input up to a part of it: training leaves those weights as they are, and batch normalization
 * there keeps and uses its running statistics. The other layers become trainable, so that `none` undoes it.
 *
 * @param until The last frozen part.
 * @throws ModelOptionError for a part that the net lacks; the model has not changed.
 */
export function freeze(model: tf.LayersModel, until: FreezeChoice): void {
  checkOneOf('freeze', 'the last frozen part', until, FREEZE_CHOICES);
  const parts = partsOf(model);
  const last =
    until === 'none' ? -1 : parts.findLastIndex((part) => part === until || (until === 'body' && part !== 'head'));
  if (until !== 'none' && last < 0) {
    const has = FREEZE_CHOICES.filter((part) => part === 'none' || part === 'body' || parts.includes(part));
    throw new ModelOptionError(
      `freeze: the last frozen part must be one of ${has.join(', ')} for this net, got ${until}.`,
    );
  }
  model.layers.forEach((layer, i) => {
    layer.trainable = i > last;
  });
}

/** The layer that gives the logits. */
export const headLayer = (model: tf.LayersModel): tf.layers.Layer => model.layers.at(-1)!;

/** The part that each layer belongs to, in the order of the layers: inputs come before what uses them. */
function partsOf(model: tf.LayersModel): string[] {
  let part = 'stem';
  return model.layers.map((layer) => {
    const [, stage] = /^layer(\d+)\./.exec(layer.name) ?? [];
    if (stage !== undefined) part = `stage${stage}`;
    else if (part !== 'stem') part = layer === headLayer(model) ? 'head' : 'body';
    return part;
  });
}
