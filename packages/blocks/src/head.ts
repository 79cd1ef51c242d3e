import * as tf from '@tensorflow/tfjs';
import { type Block, chain, channels } from './block';
import { nextPlace } from './build-context';
import { applied } from './conv-norm';
import { checkWhole } from './errors';
import { uniform, uniforms } from './random';

/** The mean over height and width: `[n, h, w, c]` to `[n, c]`, whatever the size of the image. */
export const globalAveragePool: Block = (x) =>
  applied(tf.layers.globalAveragePooling2d({ name: nextPlace('avgpool').name }), x);

/**
 * A fully connected layer with bias: `[n, c]` to logits `[n, classes]`. Weights and biases start uniform within ±1/√c, as in
 * torch's `nn.Linear` and so in torchvision's nets. He's initialization is for layers before a ReLU: here it would begin with a
 * loss of 3 to 5 instead of 2.6 (ResNet-20), from which short trainings do not recover.
 */
export const linear =
  (classes: number): Block =>
  (x) => {
    checkWhole('linear', 'classes', classes, 1);
    const { name, seed, zeros } = nextPlace('fc');
    // Set afterwards rather than by an initializer, so that the layer saves as a stock one.
    const layer = tf.layers.dense({ name, units: classes, kernelInitializer: 'zeros' });
    const y = applied(layer, x);
    if (!zeros) {
      const [inputs, random] = [channels(x), uniform(seed)];
      const draw = (shape: number[]) =>
        tf.tensor(uniforms(tf.util.sizeFromShape(shape), 1 / Math.sqrt(inputs), random), shape);
      tf.tidy(() => layer.setWeights([draw([inputs, classes]), draw([classes])]));
    }
    return y;
  };

/** Global average pooling and a fully connected layer: the head of every net in the paper. Gives logits. */
export const head = (classes: number): Block => chain(globalAveragePool, linear(classes));
