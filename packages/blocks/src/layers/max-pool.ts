import * as tf from '@tensorflow/tfjs';
import { checkWhole } from '../errors';
import { pool, windowed } from '../ops/symmetric';
import { type LayerArgs, onlyShape, onlyTensor, type Shape } from './layer-args';

/** A square window that moves by `stride` over an image padded alike on all sides. */
export interface MaxPoolArgs extends LayerArgs {
  /** Side of the window in pixels. */
  poolSize: number;
  /** Pixels from one window to the next, both ways. */
  stride: number;
  /** Pixels on each of the four sides; they are never the largest. */
  padding: number;
}

/** The largest value of each window. tf.layers.maxPooling2d pads bottom and right only, which shifts the image. */
export class MaxPool extends tf.layers.Layer {
  /** What saved models call this layer. */
  static readonly className = 'ResNetMaxPool';
  /** Side of the window in pixels. */
  readonly poolSize: number;
  /** Pixels from one window to the next, both ways. */
  readonly stride: number;
  /** Pixels on each of the four sides; they are never the largest. */
  readonly padding: number;

  constructor(args: MaxPoolArgs) {
    super(args);
    this.poolSize = args.poolSize;
    this.stride = args.stride;
    this.padding = args.padding;
    checkWhole(this.name, 'poolSize', this.poolSize, 1);
    checkWhole(this.name, 'stride', this.stride, 1);
    checkWhole(this.name, 'padding', this.padding, 0);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return pool(onlyTensor(inputs) as tf.Tensor4D, this.poolSize, this.stride, this.padding);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [n = null, h, w, c = null] = onlyShape(inputShape);
    const along = (length: number | null | undefined) => windowed(length, this.poolSize, this.stride, this.padding);
    return [n, along(h), along(w), c];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { poolSize, stride, padding } = this;
    return { ...super.getConfig(), poolSize, stride, padding };
  }
}
tf.serialization.registerClass(MaxPool);
