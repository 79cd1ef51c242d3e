import * as tf from '@tensorflow/tfjs';
import type { Part } from './batch';
import { batchLoss } from './cross-entropy';
import { TrainError } from './errors';
import { freeActivationsEarly } from './free-early';
import { hearingGradients, type OnGradient } from './gradient-hooks';

/** One gradient for each variable, and `measured`: `[loss, error]`, the batch's means. All tensors are the caller's. */
export interface Gradients {
  readonly measured: tf.Tensor;
  readonly gradients: tf.Tensor[];
}

/** How gradients are taken. */
export interface GradientOptions {
  /** Images that losses are divided by. Default: those of the parts, so that the mean's gradient comes out. */
  readonly total?: number;
  /** Hears of gradients while the backward pass runs, where there is one part: with several, none is complete before the end. */
  readonly onGradient?: OnGradient;
}

/**
 * Gradients of the mean cross-entropy over the parts of a batch, one part in memory at a time.
 *
 * Their sum is the gradient of the whole batch, except for batch normalization, which sees each part alone.
 */
export function gradientsOf(
  model: tf.LayersModel,
  variables: tf.Variable[],
  parts: readonly Part[],
  { total = parts.reduce((sum, part) => sum + part.size, 0), onGradient }: GradientOptions = {},
): Gradients {
  const [first, ...rest] = parts;
  if (!first) throw new TrainError('train: a batch must hold at least one image, got 0. Check the batch source.');
  const pass = (part: Part) => partGradients(model, variables, part, total);
  if (onGradient && rest.length === 0) return hearingGradients(model, onGradient, () => pass(first));
  return rest.reduce((sum, part) => added(sum, () => pass(part)), pass(first));
}

function added(sum: Gradients, next: () => Gradients): Gradients {
  try {
    return tf.tidy(() => {
      const { measured, gradients } = next();
      return {
        measured: tf.add(sum.measured, measured),
        gradients: gradients.map((gradient, i) => tf.add(gradient, sum.gradients[i]!)),
      };
    });
  } finally {
    tf.dispose([sum.measured, ...sum.gradients]);
  }
}

function partGradients(model: tf.LayersModel, variables: tf.Variable[], part: Part, total: number): Gradients {
  return freeingTheTape(() =>
    tf.tidy(() => {
      const measured: tf.Tensor[] = [];
      try {
        const { grads } = tf.variableGrads(() => {
          const result = batchLoss(logitsOf(model, part.images(), true), part.labels(), total);
          measured.push(result.measured);
          freeActivationsEarly();
          return result.loss;
        }, variables);
        // Kept until here so that it outlives the forward pass; the caller's from now on.
        return { measured: measured.map((tensor) => tensor.clone())[0]!, gradients: inOrder(variables, grads) };
      } finally {
        tf.dispose(measured);
      }
    }),
  );
}

/** Scores before any softmax, `[n, classes]`. */
export function logitsOf(model: tf.LayersModel, images: tf.Tensor, training: boolean): tf.Tensor {
  const output = model.apply(images, { training });
  if (output instanceof tf.Tensor && output.rank === 2) return output;
  const got = output instanceof tf.Tensor ? `shape [${output.shape}]` : 'several outputs';
  throw new TrainError(`train: the model must give one tensor of scores [n, classes], got ${got}. End it with a head.`);
}

function inOrder(variables: tf.Variable[], gradients: tf.NamedTensorMap): tf.Tensor[] {
  return variables.map((variable) => {
    const gradient = gradients[variable.name];
    if (gradient) return gradient;
    throw new TrainError(
      `train: the loss must depend on every trainable weight, got none of ${variable.name}. ` +
        'Set trainable = false on its layer.',
    );
  });
}

// What a forward pass saved for its gradient is kept outside any scope and freed by the backward pass only:
// an exception in between would leave it behind.
function freeingTheTape<T>(differentiate: () => T): T {
  try {
    return differentiate();
  } catch (error) {
    const { state } = tf.engine();
    if (state.gradientDepth === 0 && state.activeTape) {
      tf.dispose(state.activeTape.flatMap((node) => node.saved ?? []));
      state.activeTape = [];
    }
    throw error;
  }
}
