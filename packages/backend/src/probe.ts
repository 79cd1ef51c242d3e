import { conv2d, grads, type Tensor, type Tensor4D, tensor, tidy } from '@tensorflow/tfjs';
import { BackendError } from './errors';

/** A 3×3 convolution with padding 1, computed by PyTorch on the integers that `integers` makes; all values are exact. */
const known = [
  {
    stride: 1,
    y: [-9, 13, 3, 27, -12, 0, -13, 18, -18, -29, -16, 3, -1, 6, -27, -25, 36, 3, -1, -2, 12, 22, -16, 0],
    dx: [-9, 4, 13, -18, -2, -9, 15, -10, -14, 29, -7, -6, 3, -5, 10, -19, 17, 0, -2, 12, -17, 7, -12, 3],
    dw: [
      -19, 6, 0, 2, -19, 22, 3, 3, 20, -7, -10, 15, 23, -13, 2, -6, 4, -26, 5, 6, 8, 15, -21, -8, -7, 18, -7, 4, 9, -8,
      -5, 14, 5, 5, 9, -14,
    ],
  },
  {
    stride: 2,
    y: [-9, 13, -12, 0, -1, 6, 36, 3],
    dx: [-2, -5, -4, 3, -4, -1, 6, 4, -2, -8, 9, -2, 4, -2, 8, -5, 2, 2, -4, 4, -7, 8, -5, 2],
    dw: [
      -4, 4, 3, -3, -1, -7, -5, 5, 0, 8, 0, -6, 7, -9, -4, 9, 6, -4, 3, -4, 4, -12, -10, 3, 7, -11, -4, 7, -12, 7, 7,
      -4, 8, -10, -6, 5,
    ],
  },
];

/**
 * Checks that the active backend computes a convolution with symmetric padding, at stride 1 and 2, and both of its
 * gradients. Leaves no tensor behind.
 *
 * @throws {BackendError} naming the value that is wrong.
 */
export async function probe(): Promise<void> {
  for (const { stride, y, dx, dw } of known) {
    const results = tidy(() => run(stride));
    // `data`, not `dataSync`: WebGPU cannot wait for its device in Node.
    const values = await Promise.all(results.map((result) => result.data()));
    for (const result of results) result.dispose();
    expectValues(`convolution at stride ${stride}`, values[0]!, y);
    expectValues(`its input gradient at stride ${stride}`, values[1]!, dx);
    expectValues(`its filter gradient at stride ${stride}`, values[2]!, dw);
  }
}

function run(stride: number): Tensor[] {
  const x = integers([1, 4, 3, 2], 7, 11);
  const w = integers([3, 3, 2, 2], 5, 7);
  const dy = integers([1, Math.ceil(4 / stride), Math.ceil(3 / stride), 2], 3, 5);
  const convolve = (image: Tensor, filter: Tensor) => conv2d(image as Tensor4D, filter as Tensor4D, stride, 1);
  return [convolve(x, w), ...grads(convolve)([x, w], dy)];
}

function integers(shape: number[], factor: number, modulus: number): Tensor4D {
  const length = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length }, (_, i) => ((i * factor) % modulus) - (modulus - 1) / 2);
  return tensor(values, shape as [number, number, number, number]);
}

function expectValues(what: string, got: ArrayLike<number>, expected: readonly number[]): void {
  const wrong = expected.findIndex((value, i) => !(Math.abs(got[i]! - value) < 1e-2));
  if (wrong < 0 && got.length === expected.length) return;
  throw new BackendError(
    `self-check: ${what} must be ${expected[wrong]} at ${wrong}, got ${got[wrong]}. Its results cannot be trusted here.`,
  );
}
