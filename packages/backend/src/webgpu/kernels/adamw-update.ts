import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Family } from '../commands';
import type { WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import { type AdamWRule, gatherNumbers, packedAdamWUpdate, adamWUpdate as program } from '../wgsl/adamw-update';

/**
 * One step of AdamW for all parameters, `[w, m, v]` of each. Inputs are w, g, m and v of each, and the step's three numbers: correction
 * (√(1 − β₂ᵗ)), stride (rate / (1 − β₁ᵗ)) and kept (1 − rate · λ, for those that decay).
 */
export const adamWUpdate: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { count, decay, beta1, beta2, epsilon } = attrs as unknown as AdamWRule & { count: number; decay: boolean[] };
  const rule = { beta1, beta2, epsilon };
  const numbers = backend.take(3);
  const given = ['correction', 'stride', 'kept'].map((name) => backend.block(inputs[name]!));
  backend.run(planned(gatherNumbers), [...given, numbers]);
  const outputs = Array.from({ length: count }, (_, i) => {
    const [w, g, m, v] = ['w', 'g', 'm', 'v'].map((name) => inputs[`${name}${i}`]!) as [
      TensorInfo,
      TensorInfo,
      TensorInfo,
      TensorInfo,
    ];
    const next = [w, m, v].map(({ shape }) => backend.makeOutput(shape));
    const blocks = [w, g, m, v].map((tensor) => backend.block(tensor));
    const written = next.map((tensor) => backend.block(tensor));
    backend.run(planned(program, util.sizeFromShape(w.shape), decay[i]!, rule), [...blocks, numbers, ...written], {
      family: familyOf(rule),
      constants: [decay[i] ? 1 : 0],
    });
    return next;
  });
  numbers.release();
  return outputs.flat();
};

/** All parameters of one rule, which a recording updates at once. */
const familyOf = (rule: AdamWRule): Family => ({
  key: `AdamW ${JSON.stringify(rule)}`,
  updates: [
    [0, 5],
    [2, 6],
    [3, 7],
  ],
  reads: [1],
  shared: [4],
  packed: (length) => packedAdamWUpdate(length, rule),
});
