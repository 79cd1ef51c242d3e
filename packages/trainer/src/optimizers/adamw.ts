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
import { slots } from './slots';

/** Settings of `adamw`; the defaults are PyTorch's. */
export interface AdamWOptions {
  /** Forgetting of the mean of the gradients, 0…1. */
  beta1?: number;
  /** Forgetting of the mean of their squares, 0…1. */
  beta2?: number;
  /** Added to the root of the mean square, so that nothing is divided by 0. 1e-8 by default. */
  epsilon?: number;
  /** Each update shrinks the weights by rate · weightDecay, apart from the gradient. */
  weightDecay?: number;
  /** Which variables decay; all of them by default. */
  decay?: Decay;
  /** Variables that learn, and decay, at a multiple of the rate; none by default. */
  rateGroups?: readonly RateGroup[];
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), by PyTorch's rule.
 * One fused `ResNetAdamWUpdate` kernel call for all variables where the backend has it and there are no rate groups.
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 1e-2, decay = 'all', rateGroups = [] } = options;
  const decays = decaySelection('adamw', decay);
  const { scales, indexOf } = rateScales('adamw', rateGroups);
  const mean = slots();
  const square = slots();
  let updates = 0;

  /** The variable's next value and slots. `numbers` as `recordable` gives them. */
  const next = (
    variable: tf.Variable,
    gradient: tf.Tensor,
    [m, v]: readonly [tf.Tensor, tf.Tensor],
    [correction, ...ofGroups]: readonly tf.Tensor[],
  ) => {
    const [stride, kept] = ofGroups.slice(2 * indexOf(variable));
    const means = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
    const squares = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const width = tf.add(tf.div(tf.sqrt(squares), correction!), epsilon);
    const shrunk = decays(variable) ? tf.mul(variable, kept!) : variable;
    const value = tf.sub(shrunk, tf.mul(tf.div(means, width), stride!));
    return { value, means, squares };
  };

  const recordable: RecordableUpdate = {
    numbers: (rate) => {
      updates += 1;
      const ofGroups = scales.flatMap((scale) => {
        const own = rate * scale;
        return [own / (1 - beta1 ** updates), 1 - own * weightDecay];
      });
      return [Math.sqrt(1 - beta2 ** updates), ...ofGroups];
    },
    apply: (variables, gradients, numbers) => {
      const ms = mean.for(variables);
      const vs = square.for(variables);
      if (scales.length === 1 && tf.getKernel(fusedKernel, tf.getBackend())) {
        tf.tidy(() => {
          const rule = { beta1, beta2, epsilon, decay: variables.map(decays) };
          const updated = fused(variables, gradients, [ms, vs], numbers, rule);
          variables.forEach((variable, i) => {
            variable.assign(updated[3 * i]!);
            mean.set(i, updated[3 * i + 1]!);
            square.set(i, updated[3 * i + 2]!);
          });
        });
        return;
      }
      variables.forEach((variable, i) => {
        tf.tidy(() => {
          const { value, means, squares } = next(variable, gradients[i]!, [ms[i]!, vs[i]!], numbers);
          variable.assign(value);
          mean.set(i, means);
          square.set(i, squares);
        });
      });
    },
  };
  return {
    apply: (variables, gradients, rate) =>
      tf.tidy(() => {
        const numbers = recordable.numbers(rate).map((value) => tf.scalar(value));
        recordable.apply(variables, gradients, numbers);
      }),
    recordable,
    slots: ['mean', 'square'],
    state: () => ({ slots: { mean: mean.all(), square: square.all() }, numbers: { updates } }),
    restore: (state) => {
      mean.restore(state.slots.mean ?? []);
      square.restore(state.slots.square ?? []);
      updates = state.numbers.updates ?? 0;
    },
    dispose: () => {
      mean.dispose();
      square.dispose();
      updates = 0;
    },
  };
}

const fusedKernel = 'ResNetAdamWUpdate';

/** The next value, mean and mean square of each variable, one after the other. */
function fused(
  variables: readonly tf.Variable[],
  gradients: readonly tf.Tensor[],
  [means, squares]: readonly [readonly tf.Tensor[], readonly tf.Tensor[]],
  [correction, stride, kept]: readonly tf.Tensor[],
  rule: { beta1: number; beta2: number; epsilon: number; decay: boolean[] },
): tf.Tensor[] {
  const inputs: tf.NamedTensorMap = { correction: correction!, stride: stride!, kept: kept! };
  variables.forEach((variable, i) => {
    Object.assign(inputs, {
      [`w${i}`]: variable,
      [`g${i}`]: gradients[i]!,
      [`m${i}`]: means[i]!,
      [`v${i}`]: squares[i]!,
    });
  });
  const outputs = tf.engine().runKernel(fusedKernel, inputs, { count: variables.length, ...rule });
  if (!Array.isArray(outputs)) throw new TrainError(`adamw: ${fusedKernel} must return a list. Mend the backend.`);
  return outputs;
}
