import type { ColorComponents } from '@resnet/augment';

/** Rotations stop when what is off the diagonal no longer shows in double precision; three or four sweeps do. */
const SWEEPS = 30;

/**
 * Eigenvalues, largest first, and eigenvectors (as columns) of a symmetric matrix, by Jacobi's rotations. Each vector's largest
 * component is positive, so that the result is unique.
 */
export function eigen(matrix: readonly (readonly number[])[]): ColorComponents {
  const a = matrix.map((row) => [...row]);
  const size = a.length;
  const vectors = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, p, q);
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return {
    values: order.map((i) => a[i]![i]!),
    vectors: vectors.map((row) => order.map((i) => row[i]! * sign(vectors.map((each) => each[i]!)))),
  };
}

const sign = (vector: readonly number[]): number =>
  Math.sign(vector.reduce((largest, value) => (Math.abs(value) > Math.abs(largest) ? value : largest), 0));

/** Makes `a[p][q]` zero by a rotation in the plane of p and q. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  if (a[p]![q] === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
  const tan = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(tan, 1);
  const sin = tan * cos;
  const turn = (row: number[]) => {
    const [x, y] = [row[p]!, row[q]!];
    row[p] = cos * x - sin * y;
    row[q] = sin * x + cos * y;
  };
  a.forEach(turn);
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[p]![k]!, a[q]![k]!];
    a[p]![k] = cos * x - sin * y;
    a[q]![k] = sin * x + cos * y;
  }
  vectors.forEach(turn);
}
