import * as tf from '@tensorflow/tfjs';
import { checkWhole } from '../errors';
import { type Fan, freshSeed, HeNormal } from '../he-normal';
import { convolve, windowed } from '../ops/symmetric';
import { type LayerArgs, lastAxis, onlyShape, onlyTensor, type Shape, zeros } from './layer-args';

/** What a convolution is made of. */
export interface Conv2DArgs extends LayerArgs {
  /** Channels of the output. */
  filters: number;
  /** Side of the kernel in pixels. */
  kernelSize: number;
  /** Pixels from one window to the next, both ways. Default 1. */
  stride?: number;
  /** Zeros on each of the four sides; `(kernelSize − 1) / 2` keeps the size at stride 1, and is the default. */
  padding?: number;
  /** Which side keeps its variance when the kernel is drawn. Default `out`. */
  fan?: Fan;
  /** Kernel seed. Default: random. */
  seed?: number;
  /** Start from zeros, for weights that are set right away. */
  zeros?: boolean;
}

/** A square convolution without bias, padded alike on all sides: `[n, h, w, in]` to `[n, h', w', filters]`. Weight: `kernel`. */
export class Conv2D extends tf.layers.Layer {
  /** What saved models call this layer. */
  static readonly className = 'ResNetConv2D';
  /** Channels of the output. */
  readonly filters: number;
  /** Side of the kernel in pixels. */
  readonly kernelSize: number;
  /** Pixels from one window to the next, both ways. */
  readonly stride: number;
  /** Zeros on each of the four sides. */
  readonly padding: number;
  private readonly fan: Fan;
  private readonly seed: number;
  private readonly zeros: boolean;
  private kernel!: tf.LayerVariable;

  constructor(args: Conv2DArgs) {
    super(args);
    this.filters = args.filters;
    this.kernelSize = args.kernelSize;
    this.stride = args.stride ?? 1;
    this.padding = args.padding ?? Math.floor((args.kernelSize - 1) / 2);
    this.fan = args.fan ?? 'out';
    this.seed = args.seed ?? freshSeed();
    this.zeros = args.zeros ?? false;
    checkWhole(this.name, 'filters', this.filters, 1);
    checkWhole(this.name, 'kernelSize', this.kernelSize, 1);
    checkWhole(this.name, 'stride', this.stride, 1);
    checkWhole(this.name, 'padding', this.padding, 0);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = [this.kernelSize, this.kernelSize, lastAxis(this.name, inputShape), this.filters];
    const initializer = this.zeros ? zeros() : new HeNormal({ fan: this.fan, seed: this.seed });
    this.kernel = this.addWeight('kernel', shape, 'float32', initializer, undefined, true, undefined, zeros);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return convolve(onlyTensor(inputs) as tf.Tensor4D, this.kernel.read() as tf.Tensor4D, this.stride, this.padding);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [n = null, h, w] = onlyShape(inputShape);
    const along = (length: number | null | undefined) => windowed(length, this.kernelSize, this.stride, this.padding);
    return [n, along(h), along(w), this.filters];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { filters, kernelSize, stride, padding, fan, seed } = this;
    return { ...super.getConfig(), filters, kernelSize, stride, padding, fan, seed };
  }
}
tf.serialization.registerClass(Conv2D);
