import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdKernel } from '../kernel';
import { float } from '../runtime';

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
  const table: number[] = [];
  for (let i = 0; i < count; i++) {
    const [w, g, v] = [inputs[`w${i}`], inputs[`g${i}`], inputs[`v${i}`]] as [TensorInfo, TensorInfo, TensorInfo];
    const pointers = [w, g, v].map((tensor) => backend.pointer(tensor));
    const next = [backend.makeOutputTensor(w.shape), backend.makeOutputTensor(v.shape)];
    outputs.push(...next);
    table.push(
      ...pointers,
      ...next.map((tensor) => backend.pointer(tensor)),
      util.sizeFromShape(w.shape),
      float(decay[i] ?? 0),
    );
  }
  const rows = backend.temporary(table.length * 4, 'a table of parameters');
  const room = backend.floats(rows, table.length);
  new Int32Array(room.buffer, room.byteOffset, room.length).set(table);
  const args = [rows.pointer, float(rate), float(momentum), nesterov ? 1 : 0];
  backend.runtime.run(Job.MomentumUpdate, 'momentum update', count, args);
  rows.release();
  return outputs;
};
