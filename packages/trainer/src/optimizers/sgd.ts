import * as tf from '@tensorflow/tfjs';
import { TrainError } from '../errors';
import { type Decay, decaySelection, type Optimizer, type RecordableUpdate } from './optimizer';
import { type Slots, slots } from './slots';

/** Settings of `sgd`; the defaults are the paper's (§3.4, §4.2). */
export interface SgdOptions {
  /** How much of the last update is carried on, 0…1. 0.9 by default. */
  momentum?: number;
  /** Looks ahead along the momentum. False by default. */
  nesterov?: boolean;
  /** λ of ½λ‖w‖², so λw is added to the gradient. 1e-4 by default. */
  weightDecay?: number;
  /** Which variables decay; all of them by default, as in the paper. */
  decay?: Decay;
}

/**
 * Stochastic gradient descent with momentum by PyTorch's rule:
 * `g += λw; v = momentum·v + g; w -= rate·(nesterov ? g + momentum·v : v)`, with v = 0 at first.
 *
 * The rate stands outside the momentum, unlike in the older Caffe rule: both agree while the rate is constant.
 * One fused `ResNetMomentumUpdate` kernel call for all variables where the backend has it.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0.9, nesterov = false, weightDecay = 1e-4, decay = 'all' } = options;
  if (!(momentum >= 0 && momentum < 1)) {
    throw new TrainError(`sgd: momentum must be at least 0 and below 1, got ${momentum}. The paper's is 0.9.`);
  }
  if (!(weightDecay >= 0)) {
    throw new TrainError(`sgd: weightDecay must be 0 or more, got ${weightDecay}. The paper's is 1e-4.`);
  }
  if (nesterov && momentum === 0) {
    throw new TrainError(
      'sgd: nesterov needs a momentum above 0, got 0. Set momentum to 0.9, say, or leave nesterov out.',
    );
  }
  const decays = decaySelection('sgd', decay);
  const velocity = slots();
  const recordable: RecordableUpdate = {
    numbers: (rate) => [rate],
    apply: (variables, gradients, [rate]) =>
      tf.tidy(() => {
        const update = tf.getKernel(fusedKernel, tf.getBackend()) ? fused : composed;
        const decay = variables.map((variable) => (decays(variable) ? weightDecay : 0));
        update(variables, gradients, velocity, { rate: rate!, momentum, nesterov, decay });
      }),
  };
  return {
    apply: (variables, gradients, rate) => tf.tidy(() => recordable.apply(variables, gradients, [tf.scalar(rate)])),
    recordable,
    slots: ['momentum'],
    state: () => ({ slots: { momentum: velocity.all() }, numbers: {} }),
    restore: (state) => velocity.restore(state.slots.momentum ?? []),
    dispose: velocity.dispose,
  };
}

const fusedKernel = 'ResNetMomentumUpdate';

interface Rule {
  /** `[]` */
  rate: tf.Tensor;
  momentum: number;
  nesterov: boolean;
  /** λ for each variable. */
  decay: number[];
}

type Update = (variables: readonly tf.Variable[], gradients: readonly tf.Tensor[], velocity: Slots, rule: Rule) => void;

const fused: Update = (variables, gradients, velocity, rule) => {
  const { rate, ...attributes } = rule;
  const inputs: tf.NamedTensorMap = { rate };
  const before = velocity.for(variables);
  variables.forEach((variable, i) => {
    inputs[`w${i}`] = variable;
    inputs[`g${i}`] = gradients[i]!;
    inputs[`v${i}`] = before[i]!;
  });
  const outputs = tf.engine().runKernel(fusedKernel, inputs, { count: variables.length, ...attributes });
  if (!Array.isArray(outputs)) throw new TrainError(`sgd: ${fusedKernel} must return a list. Mend the backend.`);
  variables.forEach((variable, i) => {
    variable.assign(outputs[2 * i]!);
    velocity.set(i, outputs[2 * i + 1]!);
  });
};

const composed: Update = (variables, gradients, velocity, { rate, momentum, nesterov, decay }) => {
  const before = velocity.for(variables);
  variables.forEach((variable, i) => {
    tf.tidy(() => {
      const gradient = decay[i] === 0 ? gradients[i]! : tf.add(gradients[i]!, tf.mul(variable, decay[i]!));
      const after = tf.add(tf.mul(before[i]!, momentum), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(after, momentum)) : after;
      variable.assign(tf.sub(variable, tf.mul(direction, rate)));
      velocity.set(i, after);
    });
  });
};
