import * as tf from '@tensorflow/tfjs';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { AnalysisError } from '../analysis-error';

/** A map of one sample, `[1, …] → [1, …]`, applied to each sample of a batch on its own. */
export type SampleMap = (x: tf.Tensor) => tf.Tensor;

/**
 * The Jacobian of `map` at `x`, one row an output value: `J[i][j] = ∂map(x)ᵢ / ∂xⱼ`.
 *
 * Each row is a gradient of its own copy of `x`, all computed as one batch; so `map` must treat the samples of a batch
 * apart, as batch normalization does in evaluation mode only.
 *
 * @param x One sample, `[1, …]`; the caller disposes of it.
 * @throws AnalysisError for more than one sample.
 */
export async function jacobian(map: SampleMap, x: tf.Tensor): Promise<number[][]> {
  if (x.shape[0] !== 1) {
    throw new AnalysisError(`jacobian: x must be one sample, [1, …], got [${x.shape}]. Slice one out of the batch.`);
  }
  const rows = tf.tidy(() => {
    const size = map(x).size;
    const copies = x.tile([size, ...x.shape.slice(1).map(() => 1)]);
    const each = tf.grad((input: tf.Tensor) => map(input).reshape([size, size]).mul(tf.eye(size)).sum())(copies);
    return each.as2D(size, x.size);
  });
  const values = await rows.array();
  rows.dispose();
  return values;
}

/** How far a block's Jacobian is from the identity. */
export interface JacobianSummary {
  /** Singular values, largest first. A gradient through the block is scaled by between the last and the first. */
  singularValues: number[];
  /** ‖J − I‖ / ‖I‖ in the Frobenius norm; NaN where the block changes the shape. */
  distanceToIdentity: number;
  /**
   * The smallest ‖Jᵀg‖ / ‖g‖ there is. The deck's "gradient of at least 1" would need 1 or more here;
   * the identity shortcut alone does not promise it, since the branch may cancel it.
   */
  smallestGain: number;
  /** The largest ‖Jᵀg‖ / ‖g‖ there is. */
  largestGain: number;
}

/** Sums up a Jacobian as {@link jacobian} gives it. */
export function summarizeJacobian(rows: readonly (readonly number[])[]): JacobianSummary {
  const matrix = new Matrix(rows.map((row) => [...row]));
  const singularValues = new SingularValueDecomposition(matrix, { autoTranspose: true }).diagonal;
  return {
    singularValues,
    distanceToIdentity: matrix.isSquare()
      ? Matrix.sub(matrix, Matrix.eye(matrix.rows)).norm('frobenius') / Math.sqrt(matrix.rows)
      : Number.NaN,
    smallestGain: singularValues.at(-1)!,
    largestGain: singularValues[0]!,
  };
}
