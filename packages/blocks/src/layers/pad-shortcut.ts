import * as tf from '@tensorflow/tfjs';
import { checkWhole } from '../errors';
import { type Padding, padShortcutOp } from '../ops/pad-shortcut';
import { type LayerArgs, lastAxis, onlyShape, onlyTensor, type Shape } from './layer-args';

/** Option A (§3.3): every `stride`-th pixel, and zero channels `before` and `after`. No weights. */
export class PadShortcut extends tf.layers.Layer {
  /** What saved models call this layer. */
  static readonly className = 'ResNetPadShortcut';
  /** What it was made with. */
  readonly padding: Padding;

  constructor(args: LayerArgs & Padding) {
    super(args);
    const { stride, before, after } = args;
    checkWhole(this.name, 'stride', stride, 1);
    checkWhole(this.name, 'before', before, 0);
    checkWhole(this.name, 'after', after, 0);
    this.padding = { stride, before, after };
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return padShortcutOp(onlyTensor(inputs) as tf.Tensor4D, this.padding);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { stride, before, after } = this.padding;
    const [n = null, h, w] = onlyShape(inputShape);
    const kept = (length: number | null | undefined) => (length == null ? null : Math.ceil(length / stride));
    return [n, kept(h), kept(w), before + lastAxis(this.name, inputShape) + after];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.padding };
  }
}
tf.serialization.registerClass(PadShortcut);
