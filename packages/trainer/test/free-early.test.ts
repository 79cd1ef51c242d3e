import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { freeActivationsEarly } from '../src/free-early';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Gradients of `loss` by `variables`, and the most tensors alive at the end of a node's gradient. */
function differentiate(variables: tf.Variable[], loss: () => tf.Scalar, early: boolean) {
  const before = tf.memory().numTensors;
  let most = 0;
  const gradients = tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      const value = loss();
      if (early) freeActivationsEarly();
      for (const node of tf.engine().state.activeTape) {
        const { gradient } = node;
        if (!gradient) continue;
        node.gradient = (dys) => {
          most = Math.max(most, tf.memory().numTensors);
          return gradient(dys);
        };
      }
      return value;
    }, variables);
    return variables.map(({ name }) => grads[name]!);
  });
  const values = gradients.map((gradient) => [...gradient.dataSync()]);
  tf.dispose(gradients);
  expect(tf.memory().numTensors).toBe(before);
  return { values, most: most - before };
}

const weights = () => Array.from({ length: 12 }, (_, i) => tf.variable(tf.tensor2d([0.5, -0.2, 0.1 * i, 0.3], [2, 2])));
const input = () => tf.tensor2d([1, 2, 3, 4], [2, 2]);

describe('activations freed early', () => {
  it('give the same gradients with fewer tensors at a time', () => {
    const variables = weights();
    const x = input();
    const loss = () => variables.reduce((y: tf.Tensor, w) => tf.tanh(tf.matMul(y, w)), x).sum() as tf.Scalar;
    const late = differentiate(variables, loss, false);
    const early = differentiate(variables, loss, true);
    expect(early.values).toEqual(late.values);
    // Late: a gradient for each product and tanh is there at the end. Early: those of the weights alone.
    expect(late.most - early.most).toBeGreaterThanOrEqual(variables.length);
    tf.dispose([...variables, x]);
  });

  it('leave alone what goes to two places: x + x, shortcuts, a gradient that is the incoming one itself', () => {
    const variables = weights().slice(0, 3);
    const x = input();
    const same = tf.customGrad((a, b) => ({
      value: tf.add(a as tf.Tensor, b as tf.Tensor),
      gradFunc: (dy) => [dy, dy],
    }));
    const loss = () => {
      const first = tf.matMul(x, variables[0]!);
      const branch = tf.matMul(tf.relu(first), variables[1]!);
      const sum = same(tf.add(branch, first), tf.add(first, first)) as tf.Tensor2D;
      return tf.matMul(sum, variables[2]!).square().mean() as tf.Scalar;
    };
    expect(differentiate(variables, loss, true).values).toEqual(differentiate(variables, loss, false).values);
    tf.dispose([...variables, x]);
  });

  it('do not touch a gradient that belongs to somebody else', () => {
    const [variable] = weights();
    const constant = tf.ones([2, 2]);
    const ours = tf.customGrad((a) => ({ value: (a as tf.Tensor).clone(), gradFunc: () => constant }));
    const loss = () => ours(tf.mul(variable!, 2)).sum() as tf.Scalar;
    expect(differentiate([variable!], loss, true).values).toEqual([[2, 2, 2, 2]]);
    expect(constant.isDisposed).toBe(false);
    tf.dispose([constant, variable!]);
  });
});
