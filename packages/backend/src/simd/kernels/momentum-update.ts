import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { encodeTable, type Row } from '../../../contract/encode';
import type { SimdKernel } from '../kernel';

/** One step of SGD for all parameters: g += decay·w; v = momentum·v + g; w −= rate·(nesterov ? g + momentum·v : v). */
export const momentumUpdate: SimdKernel = ({ backend, inputs, attrs }) => {
  const { count, rate, momentum, nesterov, decay } = attrs as unknown as {
    count: number;
    rate: number;
    momentum: number;
    nesterov: boolean;
    decay: number[];
  };
  const outputs: TensorInfo[] = [];
  const table: Row<'Parameter'>[] = [];
  for (let i = 0; i < count; i++) {
    const [w, g, v] = [inputs[`w${i}`], inputs[`g${i}`], inputs[`v${i}`]] as [TensorInfo, TensorInfo, TensorInfo];
    const [weight, gradient, velocity] = [backend.pointer(w), backend.pointer(g), backend.pointer(v)];
    const [nextW, nextV] = [backend.makeOutputTensor(w.shape), backend.makeOutputTensor(v.shape)];
    outputs.push(nextW, nextV);
    table.push({
      weight,
      gradient,
      velocity,
      nextWeight: backend.pointer(nextW),
      nextVelocity: backend.pointer(nextV),
      size: util.sizeFromShape(w.shape),
      decay: decay[i] ?? 0,
    });
  }
  const words = encodeTable('Parameter', table);
  const rows = backend.temporary(words.byteLength, 'a table of parameters');
  backend.runtime.ints(rows.pointer, words.length).set(words);
  const args = { table: rows.pointer, rate, momentum, nesterov };
  backend.runtime.run('MomentumUpdate', args, { label: 'momentum update', chunks: count });
  rows.release();
  return outputs;
};
