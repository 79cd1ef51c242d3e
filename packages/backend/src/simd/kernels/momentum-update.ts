import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { encodeTable, type Row } from '../../../contract/encode';
import type { SimdBackend } from '../backend';
import type { KernelCall, SimdKernel } from '../kernel';

interface Rule {
  count: number;
  momentum: number;
  nesterov: boolean;
  decay: number[];
}

/**
 * One step of SGD for all parameters: g += decay·w; v = momentum·v + g; w −= rate·(nesterov ? g + momentum·v : v), `rate` a tensor of one value.
 * `[w0, v0, w1, v1, …]`.
 */
export const momentumUpdate: SimdKernel = ({ backend, inputs, attrs }) => {
  const { count, momentum, nesterov, decay } = attrs as unknown as Rule;
  const rate = backend.pointer(inputs.rate as TensorInfo);
  const parameters = Array.from({ length: count }, (_, i) => parameter(backend, inputs, i, decay[i] ?? 0));
  const words = encodeTable(
    'Parameter',
    parameters.map(({ row }) => row),
  );
  const table = backend.constants(words, 'a table of parameters');
  const args = { table: table.pointer, rate, momentum, nesterov };
  backend.runtime.run('MomentumUpdate', args, { label: 'momentum update', chunks: count });
  table.release();
  return parameters.flatMap(({ next }) => next);
};

function parameter(
  backend: SimdBackend,
  inputs: KernelCall['inputs'],
  i: number,
  decay: number,
): { row: Row<'Parameter'>; next: [TensorInfo, TensorInfo] } {
  const [w, g, v] = [inputs[`w${i}`], inputs[`g${i}`], inputs[`v${i}`]] as [TensorInfo, TensorInfo, TensorInfo];
  const given = { weight: backend.pointer(w), gradient: backend.pointer(g), velocity: backend.pointer(v) };
  const next: [TensorInfo, TensorInfo] = [backend.makeNext(w), backend.makeNext(v)];
  const out = { nextWeight: backend.pointer(next[0]), nextVelocity: backend.pointer(next[1]) };
  return { row: { ...given, ...out, size: util.sizeFromShape(w.shape), decay }, next };
}
