import * as tf from '@tensorflow/tfjs';
import { TrainError } from '../errors';
import {
  type Decay,
  decaySelection,
  type Optimizer,
  type RateGroup,
  type RecordableUpdate,
  rateScales,
} from './optimizer';
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
  /** Variables that learn at a multiple of the rate; none by default. */
  rateGroups?: readonly RateGroup[];
}

/**
 * Stochastic gradient descent with momentum by PyTorch's rule:
 * `g += λw; v = momentum·v + g; w -= rate·(nesterov ? g + momentum·v : v)`, with v = 0 at first.
 *
 * The rate stands outside the momentum, unlike in the older Caffe rule: both agree while the rate is constant.
 * One fused `ResNetMomentumUpdate` kernel call for all variables of one rate where the backend has it.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0.9, nesterov = false, weightDecay = 1e-4, decay = 'all', rateGroups = [] } = options;
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
  const { scales, indexOf } = rateScales('sgd', rateGroups);
  const velocity = slots();
  const numbers = (rate: number) => scales.map((scale) => rate * scale);
  const recordable: RecordableUpdate = {
    numbers,
    apply: (variables, gradients, rates) =>
      tf.tidy(() => {
        const update = tf.getKernel(fusedKernel, tf.getBackend()) ? fused : composed;
        const before = velocity.for(variables);
        const parts = variables.map((variable, i) => ({
          variable,
          gradient: gradients[i]!,
          velocity: before[i]!,
          place: i,
          decay: decays(variable) ? weightDecay : 0,
        }));
        rates.forEach((rate, group) => {
          const members = parts.filter(({ variable }) => indexOf(variable) === group);
          if (members.length > 0) update(members, velocity, { rate, momentum, nesterov });
        });
      }),
  };
  return {
    apply: (variables, gradients, rate) =>
      tf.tidy(() =>
        recordable.apply(
          variables,
          gradients,
          numbers(rate).map((value) => tf.scalar(value)),
        ),
      ),
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
}

/** A variable and what its update takes. */
interface Part {
  variable: tf.Variable;
  gradient: tf.Tensor;
  velocity: tf.Tensor;
  /** Its place among all variables, and so that of its slot. */
  place: number;
  /** λ. */
  decay: number;
}

type Update = (parts: readonly Part[], velocity: Slots, rule: Rule) => void;

const fused: Update = (parts, velocity, { rate, ...attributes }) => {
  const inputs: tf.NamedTensorMap = { rate };
  parts.forEach((part, i) => {
    inputs[`w${i}`] = part.variable;
    inputs[`g${i}`] = part.gradient;
    inputs[`v${i}`] = part.velocity;
  });
  const decay = parts.map((part) => part.decay);
  const outputs = tf.engine().runKernel(fusedKernel, inputs, { count: parts.length, ...attributes, decay });
  if (!Array.isArray(outputs)) throw new TrainError(`sgd: ${fusedKernel} must return a list. Mend the backend.`);
  parts.forEach(({ variable, place }, i) => {
    variable.assign(outputs[2 * i]!);
    velocity.set(place, outputs[2 * i + 1]!);
  });
};

const composed: Update = (parts, velocity, { rate, momentum, nesterov }) => {
  for (const { variable, gradient: plain, velocity: before, place, decay } of parts) {
    tf.tidy(() => {
      const gradient = decay === 0 ? plain : tf.add(plain, tf.mul(variable, decay));
      const after = tf.add(tf.mul(before, momentum), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(after, momentum)) : after;
      variable.assign(tf.sub(variable, tf.mul(direction, rate)));
      velocity.set(place, after);
    });
  }
};
