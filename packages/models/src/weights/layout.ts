/** Where PyTorch keeps the axes of ours: its axis `i` is our axis `toTorch[rank][i]`. */
const toTorch: Readonly<Record<number, readonly number[]>> = {
  4: [3, 2, 0, 1], // convolutions: [height, width, in, out] → [out, in, height, width]
  2: [1, 0], // dense layers: [in, out] → [out, in]
};

const toOurs: Readonly<Record<number, readonly number[]>> = {
  4: [2, 3, 1, 0],
  2: [1, 0],
};

/** The shape that PyTorch gives a weight of ours. Vectors are the same in both. */
export const torchShape = (shape: readonly number[]): number[] => permuteShape(shape, toTorch[shape.length]);

/** Elements of a weight of ours, of `shape`, in PyTorch's order. */
export const torchLayout = (data: Float32Array, shape: readonly number[]): Float32Array =>
  permute(data, shape, toTorch[shape.length]);

/** Elements of a weight of PyTorch's, of `shape`, in our order. */
export const ourLayout = (data: Float32Array, shape: readonly number[]): Float32Array =>
  permute(data, shape, toOurs[shape.length]);

const permuteShape = (shape: readonly number[], axes: readonly number[] = shape.map((_, axis) => axis)): number[] =>
  axes.map((axis) => shape[axis]!);

/** Transposes by strides: axis `i` of the result is axis `axes[i]` of the input. Without `axes`, a copy. */
function permute(data: Float32Array, shape: readonly number[], axes: readonly number[] | undefined): Float32Array {
  if (!axes) return data.slice();
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = new Float32Array(data.length);
  let next = 0;
  const copy = (depth: number, at: number): void => {
    const axis = axes[depth]!;
    for (let i = 0; i < shape[axis]!; i++) {
      const from = at + i * strides[axis]!;
      if (depth === axes.length - 1) result[next++] = data[from]!;
      else copy(depth + 1, from);
    }
  };
  copy(0, 0);
  return result;
}
