import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend';
import { allFloat, type KernelCall, type SimdKernel, sameShape } from '../kernel';
import { matrixProduct, transposedProduct } from './implicit-gemm';

interface Plan {
  batch: number;
  rows: number;
  depth: number;
  columns: number;
  shape: number[];
}

/** `undefined` where batches are broadcast, nothing is to be summed, or the shapes do not fit, which the cpu's kernel tells. */
function planMatMul(a: TensorInfo, b: TensorInfo, attrs: KernelCall['attrs']): Plan | undefined {
  const [aRows = 0, aColumns = 0] = a.shape.slice(-2);
  const [bRows = 0, bColumns = 0] = b.shape.slice(-2);
  const outer = a.shape.slice(0, -2);
  const [rows, depth] = attrs.transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [depthOfB, columns] = attrs.transposeB ? [bColumns, bRows] : [bRows, bColumns];
  const shape = [...outer, rows, columns];
  if (!sameShape(outer, b.shape.slice(0, -2)) || depth !== depthOfB || util.sizeFromShape(shape) * depth === 0)
    return undefined;
  return { batch: util.sizeFromShape(outer), rows, depth, columns, shape };
}

function matMul(
  backend: SimdBackend,
  [a, b, bias]: [TensorInfo, TensorInfo, TensorInfo | undefined],
  attrs: KernelCall['attrs'],
  relu: boolean,
): TensorInfo | undefined {
  const plan = planMatMul(a, b, attrs);
  if (!plan || !allFloat(a, b, bias) || (attrs.transposeA && (attrs.transposeB || bias || relu))) return undefined;
  const { rows, depth, columns } = plan;
  const [left, right, shift] = [backend.pointer(a), backend.pointer(b), bias && backend.pointer(bias)] as const;
  const y = backend.makeOutputTensor(plan.shape);
  for (let i = 0; i < plan.batch; i++) {
    const source = left + i * rows * depth * 4;
    const filter = right + i * depth * columns * 4;
    const to = backend.pointer(y) + i * rows * columns * 4;
    if (attrs.transposeA) transposedProduct(backend, [source, filter, to], [rows, depth, columns]);
    else
      matrixProduct(
        backend,
        { source, filter, y: to, bias: shift, relu },
        [rows, depth, columns],
        Boolean(attrs.transposeB),
      );
  }
  return y;
}

/** tfjs's `BatchMatMul`. */
export const batchMatMul: SimdKernel = ({ backend, inputs, attrs }) =>
  matMul(backend, [inputs.a as TensorInfo, inputs.b as TensorInfo, undefined], attrs, false);

/** tfjs's `_FusedMatMul`, with a bias by column and relu or no activation. */
export const fusedMatMul: SimdKernel = ({ backend, inputs, attrs }) => {
  const { a, b, bias } = inputs as { a: TensorInfo; b: TensorInfo; bias?: TensorInfo };
  const activation = attrs.activation ?? 'linear';
  const columns = attrs.transposeB ? b.shape.at(-2) : b.shape.at(-1);
  const biasFits = !bias || (bias.shape.length === 1 && bias.shape[0] === columns);
  if (!biasFits || (activation !== 'linear' && activation !== 'relu')) return undefined;
  return matMul(backend, [a, b, bias], attrs, activation === 'relu');
};
