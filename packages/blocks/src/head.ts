import * as tf from '@tensorflow/tfjs';
import { type Block, chain, channels } from './block';
import { nextPlace } from './build-context';
import { applied } from './conv-norm';
import { checkWhole } from './errors';
import { heNormal } from './he-normal';

/** The mean over height and width: `[n, h, w, c]` to `[n, c]`, whatever the size of the image. */
export const globalAveragePool: Block = (x) =>
  applied(tf.layers.globalAveragePooling2d({ name: nextPlace('avgpool').name }), x);

/** A fully connected layer with bias: `[n, c]` to logits `[n, classes]`. He normal by fan-in; biases start at 0. */
export const linear =
  (classes: number): Block =>
  (x) => {
    checkWhole('linear', 'classes', classes, 1);
    const { name, seed, zeros } = nextPlace('fc');
    // Set afterwards rather than by an initializer, so that the layer saves as a stock one.
    const layer = tf.layers.dense({ name, units: classes, kernelInitializer: 'zeros' });
    const y = applied(layer, x);
    if (!zeros) {
      tf.tidy(() => layer.setWeights([heNormal([channels(x), classes], { fan: 'in', seed }), tf.zeros([classes])]));
    }
    return y;
  };

/** Global average pooling and a fully connected layer: the head of every net in the paper. Gives logits. */
export const head = (classes: number): Block => chain(globalAveragePool, linear(classes));
