import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Family } from '../commands';
import type { WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import { type MomentumRule, packedMomentumUpdate, momentumUpdate as program } from '../wgsl/momentum-update';

/** One step of SGD for all parameters: g += decay · w; v = momentum · v + g; w −= rate · (nesterov ? g + momentum · v : v). */
export const momentumUpdate: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { count, momentum, nesterov, decay } = attrs as unknown as {
    count: number;
    momentum: number;
    nesterov: boolean;
    decay: number[];
  };
  const rate = rateOf(inputs.rate as TensorInfo | undefined, attrs.rate as number, (value) =>
    backend.makeTensorInfo([1], 'float32', value),
  );
  const rule = { momentum, nesterov };
  const outputs = Array.from({ length: count }, (_, i) => {
    const [w, g, v] = [inputs[`w${i}`], inputs[`g${i}`], inputs[`v${i}`]] as [TensorInfo, TensorInfo, TensorInfo];
    const next = [backend.makeOutput(w.shape), backend.makeOutput(v.shape)];
    const blocks = [w, g, v, rate.tensor, ...next].map((tensor) => backend.block(tensor));
    const constants = [decay[i] ?? 0];
    backend.run(planned(program, util.sizeFromShape(w.shape), decay[i] ?? 0, rule), blocks, {
      family: familyOf(rule),
      constants,
    });
    return next;
  });
  if (rate.own) backend.drop(rate.tensor);
  return outputs.flat();
};

/** The rate as a tensor: given as one, or made from the attribute. */
const rateOf = (
  given: TensorInfo | undefined,
  rate: number,
  make: (values: Float32Array) => TensorInfo,
): { tensor: TensorInfo; own: boolean } =>
  given ? { tensor: given, own: false } : { tensor: make(Float32Array.of(rate)), own: true };

/** All parameters of one rule, which a recording updates at once. */
const familyOf = (rule: MomentumRule): Family => ({
  key: `momentum ${JSON.stringify(rule)}`,
  updates: [
    [0, 4],
    [2, 5],
  ],
  reads: [1],
  shared: [3],
  packed: (length) => packedMomentumUpdate(length, rule),
});
