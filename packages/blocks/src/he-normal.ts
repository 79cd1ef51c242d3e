import * as tf from '@tensorflow/tfjs';
import { normals, uniform } from './random';

/** Which side of a layer keeps its variance: `out` the gradient's, `in` the activation's (He et al. 2015, "Delving Deep", §2.2). */
export type Fan = 'in' | 'out';

/** What a new layer's weights are drawn with. */
export interface HeNormalOptions {
  /** Default `out`. */
  fan?: Fan;
  /** Any integer, 0 included. Default: random. */
  seed?: number;
}

/** A seed for those who gave none. */
export const freshSeed = (): number => Math.floor(Math.random() * 0x1_0000_0000);

/**
 * Draws a kernel `[…window, in, out]` from N(0, 2 / fan): a true normal, where tfjs's `heNormal` is truncated and
 * therefore 12 % narrower. The caller owns the tensor.
 */
export function heNormal(
  shape: readonly number[],
  { fan = 'out', seed = freshSeed() }: HeNormalOptions = {},
): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  const window = tf.util.sizeFromShape(shape.slice(0, -2));
  const fanSize = window * shape.at(fan === 'in' ? -2 : -1)!;
  return tf.tensor(normals(size, Math.sqrt(2 / fanSize), uniform(seed)), [...shape]);
}

/** `heNormal` in the shape that tf.layers wants of an initializer. */
export class HeNormal extends tf.serialization.Serializable {
  static readonly className = 'ResNetHeNormal';

  constructor(private readonly options: HeNormalOptions = {}) {
    super();
  }

  apply(shape: readonly (number | null)[]): tf.Tensor {
    return heNormal(
      shape.map((size) => size ?? 1),
      this.options,
    );
  }

  fromConfigUsesCustomObjects(): boolean {
    return false;
  }

  getConfig(): tf.serialization.ConfigDict {
    return { ...this.options };
  }
}
tf.serialization.registerClass(HeNormal);
